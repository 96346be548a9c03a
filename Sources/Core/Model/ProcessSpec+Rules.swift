extension ProcessSpec {
    /// How a process is supervised, as opposed to what is executed.
    package struct Rules: Equatable, Sendable {
        package var restart = RestartRules()
        package var stop = StopRules()
        package var identity = Identity()
        /// Whether programs that it executes may gain privileges, such as setuid programs.
        package var mayGainPrivileges = false
        package var limits = ResourceLimits()
        /// What the process reads from stdin; nil means that stdin is empty.
        package var standardInput: StandardInput?
        package var log = LogRules()
        package var healthCheck: HealthCheck?
        package var ready: ReadyRules?
        /// Processes that must be up, or have completed, before this one is started.
        package var dependsOn: [Dependency] = []
        /// Start times of a periodic process; nil starts the process at once.
        package var schedule: CronSchedule?
        /// Whether a scheduled start that was missed while no agent ran is made up for.
        package var catchesUp = false
        /// Whether the process is started again with the agent.
        package var isPersistent = false
    }
}
