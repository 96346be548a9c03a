import Model

extension ProcessLifecycle {
    /// How the present run ends if `event` comes now; nil when it does not end, or when a request has ended it.
    ///
    /// The caller gets a ``RestartDecision`` for that end (``RestartHistory/decision(for:after:rules:at:jitter:)``),
    /// which depends on time and chance, and passes it to ``handle(_:decision:)`` with the event.
    package func runEnd(at event: Event) -> RunEnd.Kind? {
        switch (phase, event) {
        case (.idle, .adopted(.ended, want: .up)): return .exited
        case (.starting, .spawnFailed): return want == .up && (isPeriodic || !isRequested) ? .spawnFailed : nil
        case (.warming, .deadlinePassed): return .notReady
        case (.warming, .mainExited), (.running, .mainExited): return .exited
        case (.running, .unhealthy): return isPeriodic ? nil : .unhealthy
        default: return nil
        }
    }
}
