/// What somebody wants to run.
package struct ProcessSpec: Equatable, Sendable {
    /// The process id asked for; without one the agent makes `<program>-<n>`.
    package var name: Name?
    /// The driver that launches it.
    package var driver: String
    package var invocation: Invocation
    /// Added to the clean base environment, in this order.
    package var environment: [EnvironmentVariable]
    package var restart = RestartRules()
    package var stop = StopRules()
    package var identity = Identity()
    package var limits = ResourceLimits()
    /// What it reads from stdin; nil is nothing.
    package var standardInput: String?
    package var log = LogRules()
    package var healthCheck: HealthCheck?
    package var ready: ReadyRules?
    /// Those that must be up before it is started.
    package var dependsOn: [Name] = []
    /// When it starts; nil is at once.
    package var schedule: CronSchedule?
    /// Whether it starts again with the agent.
    package var isPersistent = false

    package init(
        name: Name? = nil, driver: String = "exec", invocation: Invocation, environment: [EnvironmentVariable] = []
    ) {
        self.name = name
        self.driver = driver
        self.invocation = invocation
        self.environment = environment
    }
}

extension ProcessSpec {
    package enum Invocation: Equatable, Sendable {
        /// A program by its full path and argv[1…], as `start_process` of the BlueZero dialect gives it.
        case program(path: String, arguments: [String])
        /// A command line and the place it belongs to, as `config` of the method dialect gives it.
        case command(words: [String], path: String?)

        /// What the process is called after when nobody named it.
        package var programName: String {
            let program =
                switch self {
                case .program(let path, _): path
                case .command(let words, let path): words.first ?? path ?? ""
                }
            return String(program.split(separator: "/").last ?? "")
        }
    }
}
