import JSONCodec
import Model

extension Command {
    /// Decodes a method and its `args`.
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
            self = .getLog(try ProcessReference(method: arguments), try arguments.logQuery())
        case .followLog: self = .followLog(try ProcessReference(method: arguments), try arguments.logFollowing())
        case .unfollowLog: self = .unfollowLog(try ProcessReference(method: arguments), try arguments.logStream())
        case .apply:
            let specs = try ProcessSpec.list(try arguments.required("processes").json, named: "args.processes")
            self = .apply(specs, isDryRun: try arguments["dry_run"]?.bool() ?? false)
        case .shutdown: self = .shutdown
        }
    }
}
