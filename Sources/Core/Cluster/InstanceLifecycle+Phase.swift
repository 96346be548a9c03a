package import Model

extension InstanceLifecycle {
    package enum Phase: String, Sendable, CaseIterable {
        /// Waits for its turn.
        case queued
        /// Its host is asked to start it.
        case launching
        /// The agent inside is to say `online` with its generation.
        case booting
        /// The agent inside is asked for the process that it is for, and to start it; VMs only.
        case starting
        case running
        /// Was there, and the agent inside is gone. The host's agent brings it back.
        case down
        /// Could not be brought up; it is tried again after a while.
        case failed
        /// Its host does not know it, and its file is doubtful.
        case held
        /// The host is asked what it knows of it.
        case inspecting
        /// The host is asked to stop it.
        case killing
        /// The host is asked to forget it, its files too.
        case forgetting
        /// What is retained of it is being taken away.
        case clearing
        /// Nothing is left of it.
        case gone
    }

    /// The phase as everybody sees it.
    package var state: InstanceState {
        switch phase {
        case .queued: .queued
        case .launching, .booting, .starting: .starting
        case .running: .running
        case .down: .down
        case .failed: .failed
        case .held: .held
        case .inspecting: want == .up ? .starting : .stopping
        case .killing: want == .up ? .starting : .stopping
        case .forgetting, .clearing, .gone: .stopping
        }
    }

    /// Nil when it is not being brought up.
    package var stage: InstanceStage? {
        switch phase {
        case .launching: .launching
        case .booting: .booting
        case .starting: .process
        case .inspecting, .killing: want == .up ? .clearing : nil
        case .queued, .running, .down, .failed, .held, .forgetting, .clearing, .gone: nil
        }
    }

    /// Whether it takes one of the places of those that are being brought up.
    package var isLaunching: Bool {
        switch phase {
        case .launching, .booting, .starting: true
        case .queued, .running, .down, .failed, .held, .inspecting, .killing, .forgetting, .clearing, .gone: false
        }
    }
}
