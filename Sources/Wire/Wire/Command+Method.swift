import JSONCodec
import Model

extension Command {
    /// Decodes a method and its `args`.
    init(_ method: Method, _ arguments: Field) throws(Failure) {
        switch method {
        case .startProcess:
            if arguments["config"] == nil, arguments["process_id"] != nil {
                self = .startAgain(try ProcessReference(method: arguments))
            } else {
                self = .start(try ProcessSpec(config: try arguments.required("config").json))
            }
        case .killProcess: self = .stop(try ProcessReference(method: arguments))
        case .resetProcess: self = .reset(try ProcessReference(method: arguments))
        case .signalProcess:
            self = .signal(try ProcessReference(method: arguments), try arguments.required("signal").signal())
        case .removeProcess: self = .remove(try ProcessReference(method: arguments))
        case .getProcess:
            self = .getProcess(try ProcessReference(method: arguments), hasUsage: try arguments.hasUsage())
        case .getProcesses:
            self = .getProcesses(of: try arguments["owner"]?.owner(), hasUsage: try arguments.hasUsage())
        case .getHealth: self = .getHealth
        case .getLog:
            self = .getLog(try ProcessReference(method: arguments), try arguments.logQuery())
        case .followLog: self = .followLog(try ProcessReference(method: arguments), try arguments.logFollowing())
        case .unfollowLog: self = .unfollowLog(try ProcessReference(method: arguments), try arguments.logStream())
        case .followUsage: self = .followUsage(try arguments.usageFollowing())
        case .unfollowUsage: self = .unfollowUsage(try arguments.follower())
        case .apply:
            let specs = try ProcessSpec.list(try arguments.required("processes").json, named: "args.processes")
            self = .apply(specs, try arguments.applyOptions())
        case .shutdown: self = .shutdown
        }
    }
}

extension Field {
    fileprivate func owner() throws(Failure) -> Owner {
        guard let owner = Owner(try string()) else {
            throw invalid("1 to \(Limits.ownerLength) letters, digits, dots, dashes, colons or underscores")
        }
        return owner
    }

    fileprivate func applyOptions() throws(Failure) -> ApplyOptions {
        var options = ApplyOptions()
        options.owner = try self["owner"]?.owner()
        options.prunes = try self["prune"]?.bool() ?? options.prunes
        options.isDryRun = try self["dry_run"]?.bool() ?? options.isDryRun
        return options
    }
}
