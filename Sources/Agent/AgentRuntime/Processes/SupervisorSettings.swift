import Model

/// The supervisor's part of the configuration, which a SIGHUP may change.
struct SupervisorSettings {
    /// Seconds between the stop signal and SIGKILL, where a spec does not say.
    var gracePeriod = Limits.gracePeriod
    var quotas = Quotas()
}
