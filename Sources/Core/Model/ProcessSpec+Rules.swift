extension ProcessSpec {
    /// How a process is supervised, beside what it is.
    package struct Rules: Equatable, Sendable {
        package var restart = RestartRules()
        package var stop = StopRules()
        package var identity = Identity()
        /// Whether a program that it executes can give it rights, as a setuid one does.
        package var mayGainPrivileges = false
        package var limits = ResourceLimits()
        /// What it reads from stdin; nil is nothing.
        package var standardInput: StandardInput?
        package var log = LogRules()
        package var healthCheck: HealthCheck?
        package var ready: ReadyRules?
        /// Those that must be up, or have completed, before it is started.
        package var dependsOn: [Dependency] = []
        /// When it starts; nil is at once.
        package var schedule: CronSchedule?
        /// Whether a start that was due while no agent ran is made up for.
        package var catchesUp = false
        /// Whether it starts again with the agent.
        package var isPersistent = false
    }
}
