package import JSONCodec
package import Model

extension ProcessSpec {
    /// Decodes the body of `start_process` of the BlueZero dialect: `{"path":"/full/path","args":["a"]}` and the
    /// members of a config.
    init(blueZero body: JSON) throws(Failure) {
        let fields = Field(name: "", json: body)
        self.init(driver: try Self.driver(fields), invocation: try .program(fields))
        try read(fields)
    }

    /// Decodes `args.config` of `start_process` of the method dialect, or what ``config`` has encoded.
    ///
    /// - Parameter name: name of the object in refusals.
    package init(config: JSON, named name: String = "config") throws(Failure) {
        let fields = Field(name: name, json: config)
        guard config.members != nil else { throw fields.invalid("an object") }
        let driver = try Self.driver(fields)
        self.init(driver: driver, invocation: try Invocation(fields, driver: driver))
        try read(fields)
    }

    private static func driver(_ fields: Field) throws(Failure) -> String {
        try fields["driver"]?.processID().description ?? standardDriver
    }

    /// Decodes everything except the invocation.
    private mutating func read(_ fields: Field) throws(Failure) {
        name = try fields["name"]?.processID()
        environment = try fields["env"].map(EnvironmentVariable.list) ?? []
        var rules = rules
        rules.restart = try fields["restart"].map(RestartRules.init) ?? rules.restart
        rules.stop = try fields["stop"].map(StopRules.init) ?? rules.stop
        if invocation.isAgent { rules.stop.grace = rules.stop.grace ?? Limits.innerAgentGrace }
        rules.identity = try Identity(in: fields)
        rules.mayGainPrivileges = try fields["new_privileges"]?.bool() ?? false
        rules.limits = try fields["limits"].map(ResourceLimits.init) ?? rules.limits
        rules.standardInput = try fields["stdin"].flatMap(StandardInput.init)
        rules.log = try fields["log"].map(LogRules.init) ?? rules.log
        rules.healthCheck = try fields["health_check"].map(HealthCheck.init)
        rules.ready = try fields["ready"].map(ReadyRules.init)
        rules.dependsOn = try fields["depends_on"].map(dependencies) ?? []
        rules.schedule = try fields["schedule"].map(Self.schedule)
        rules.catchesUp = try fields["schedule_catch_up"]?.bool() ?? false
        rules.isPersistent = try fields["persist"]?.bool() ?? false
        guard rules.schedule == nil || rules.restart.policy == .never else {
            throw Failure(.invalidArgument, "\(fields.name(of: "restart.policy")) must be never when schedule is set")
        }
        guard rules.schedule != nil || !rules.catchesUp else {
            throw Failure(.invalidArgument, "\(fields.name(of: "schedule_catch_up")) needs schedule")
        }
        self.rules = rules
    }

    private func dependencies(_ field: Field) throws(Failure) -> [Dependency] {
        var dependencies: [Dependency] = []
        let elements = try field.elements(
            "an array of at most \(Limits.dependencies) process ids", atMost: Limits.dependencies)
        for element in elements {
            let dependency = try Dependency(element)
            let id = dependency.id
            guard id != name else { throw Failure(.invalidArgument, "\(element.name) is the process itself") }
            guard !dependencies.contains(where: { $0.id == id }) else {
                throw Failure(.invalidArgument, "\(element.name) is listed twice")
            }
            dependencies.append(dependency)
        }
        return dependencies
    }

    private static func schedule(_ field: Field) throws(Failure) -> CronSchedule {
        let text = try field.string()
        do { return try CronSchedule(text) } catch {
            throw Failure(error.code, "\(field.name) must be a cron schedule: \(error.detail)")
        }
    }
}
