package import JSONCodec
package import Model

extension ProcessSpec {
    /// `{"path":"/full/path","args":["a"]}` of the BlueZero dialect's `start_process`, and what a config may hold.
    init(blueZero body: JSON) throws(Failure) {
        let fields = Field(name: "", json: body)
        self.init(invocation: try Self.program(fields))
        try read(fields)
    }

    /// `args.config` of the method dialect's `start_process`, and what ``config`` gives.
    ///
    /// - Parameter name: what refusals call it.
    package init(config: JSON, named name: String = "config") throws(Failure) {
        let fields = Field(name: name, json: config)
        guard config.members != nil else { throw fields.invalid("an object") }
        self.init(invocation: try Self.invocation(fields))
        try read(fields)
    }

    private static func invocation(_ fields: Field) throws(Failure) -> Invocation {
        if fields["args"] != nil {
            guard fields["command"] == nil else {
                throw Failure(.invalidArgument, "\(fields.name) must have command or args, not both")
            }
            return try program(fields)
        }
        let path = try fields["path"].map(absolutePath)
        let words = try fields["command"]?.words() ?? []
        guard path != nil || !words.isEmpty else {
            throw Failure(.missingArgument, "missing \(fields.name(of: "command"))")
        }
        return .command(words: words, path: path)
    }

    private static func program(_ fields: Field) throws(Failure) -> Invocation {
        guard let path = fields["path"] else { throw Failure(.missingArgument, "missing \(fields.name(of: "path"))") }
        return .program(path: try absolutePath(path), arguments: try fields["args"]?.strings() ?? [])
    }

    private static func absolutePath(_ field: Field) throws(Failure) -> String {
        let path = try field.string()
        guard path.utf8.first == UInt8(ascii: "/") else { throw Failure(.invalidArgument, "path must be absolute") }
        return path
    }

    /// All but what is executed.
    private mutating func read(_ fields: Field) throws(Failure) {
        name = try fields["name"]?.processID()
        driver = try fields["driver"]?.processID().description ?? driver
        environment = try fields["env"].map(EnvironmentVariable.list) ?? []
        var rules = rules
        rules.restart = try fields["restart"].map(RestartRules.init) ?? rules.restart
        rules.stop = try fields["stop"].map(StopRules.init) ?? rules.stop
        rules.identity = try Identity(in: fields)
        rules.limits = try fields["limits"].map(ResourceLimits.init) ?? rules.limits
        rules.standardInput = try fields["stdin"]?.string(bytes: 0...Limits.payload)
        rules.log = try fields["log"].map(LogRules.init) ?? rules.log
        rules.healthCheck = try fields["health_check"].map(HealthCheck.init)
        rules.ready = try fields["ready"].map(ReadyRules.init)
        rules.dependsOn = try fields["depends_on"].map(dependencies) ?? []
        rules.schedule = try fields["schedule"].map(Self.schedule)
        rules.isPersistent = try fields["persist"]?.bool() ?? false
        guard rules.schedule == nil || rules.restart.policy == .never else {
            throw Failure(.invalidArgument, "\(fields.name(of: "restart.policy")) must be never beside schedule")
        }
        self.rules = rules
    }

    private func dependencies(_ field: Field) throws(Failure) -> [Name] {
        var names: [Name] = []
        let elements = try field.elements(
            "an array of at most \(Limits.dependencies) process ids", atMost: Limits.dependencies)
        for element in elements {
            let name = try element.processID()
            guard name != self.name else { throw Failure(.invalidArgument, "\(element.name) is the process itself") }
            guard !names.contains(name) else { throw Failure(.invalidArgument, "\(element.name) is there twice") }
            names.append(name)
        }
        return names
    }

    private static func schedule(_ field: Field) throws(Failure) -> CronSchedule {
        let text = try field.string()
        do { return try CronSchedule(text) } catch {
            throw Failure(error.code, "\(field.name) must be a cron schedule: \(error.detail)")
        }
    }
}
