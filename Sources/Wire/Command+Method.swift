import JSONCodec
import Model

extension Command {
    /// A method and its `args`.
    init(_ method: Method, _ arguments: Field) throws(Failure) {
        switch method {
        case .startProcess: self = .start(try ProcessSpec(config: try arguments.required("config").json))
        case .killProcess: self = .stop(try ProcessReference(method: arguments))
        case .resetProcess: self = .reset(try ProcessReference(method: arguments))
        case .signalProcess:
            self = .signal(try ProcessReference(method: arguments), try arguments.required("signal").signal())
        case .removeProcess: self = .remove(try ProcessReference(method: arguments))
        case .getProcess: self = .getProcess(try ProcessReference(method: arguments))
        case .getProcesses: self = .getProcesses
        case .getHealth: self = .getHealth
        case .getLog:
            let lines = try arguments["lines"]?.whole(in: 1...Limits.mostLogLines) ?? Limits.logLines
            let query = LogQuery(lines: lines, stream: try arguments.logStream())
            self = .getLog(try ProcessReference(method: arguments), query)
        case .followLog:
            let seconds = try arguments["seconds"]?.number("a number of seconds", in: 1...Limits.longestFollow)
            self = .followLog(
                try ProcessReference(method: arguments), try arguments.logStream(),
                seconds: seconds ?? Limits.followTime)
        case .unfollowLog: self = .unfollowLog(try ProcessReference(method: arguments), try arguments.logStream())
        case .apply:
            let specs = try ProcessSpec.list(try arguments.required("processes").json, named: "args.processes")
            self = .apply(specs, isDryRun: try arguments["dry_run"]?.bool() ?? false)
        case .shutdown: self = .shutdown
        }
    }
}

extension Field {
    /// Nil is both streams.
    fileprivate func logStream() throws(Failure) -> LogStream? {
        guard let field = self["stream"], field.json.string != "both" else { return nil }
        guard let stream = field.json.string.flatMap(LogStream.init(rawValue:)) else {
            throw field.invalid("stdout, stderr or both")
        }
        return stream
    }
}
