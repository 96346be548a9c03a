package import Model

extension InstanceLifecycle {
    package enum Phase: String, Sendable, CaseIterable {
        /// Waits in the queue.
        case queued
        /// The host has been asked to start it.
        case launching
        /// Its agent has to come online with its generation.
        case booting
        /// Its agent is asked for its process, and to start it if it is unknown. VMs only.
        case starting
        case running
        /// It was running, and its agent is offline. The host's agent restarts it.
        case down
        /// It could not be started again; the next attempt follows after a while.
        case failed
        /// Its host does not know it, and its file may be old: it may have been removed.
        case held
        /// The host has been asked what it runs under this name.
        case inspecting
        /// The host has been asked to stop it.
        case killing
        /// The host has been asked to remove it and its files.
        case forgetting
        /// Its retained topics are being cleared.
        case clearing
        /// It is removed.
        case gone
    }

    /// The `state` on the wire.
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

    /// The `stage` on the wire; nil if it is not being started.
    package var stage: InstanceStage? {
        switch phase {
        case .launching: .launching
        case .booting: .booting
        case .starting: .process
        case .inspecting, .killing: want == .up ? .clearing : nil
        case .queued, .running, .down, .failed, .held, .forgetting, .clearing, .gone: nil
        }
    }

    /// Whether it counts towards the limit of concurrent starts.
    package var isLaunching: Bool {
        switch phase {
        case .launching, .booting, .starting: true
        case .queued, .running, .down, .failed, .held, .inspecting, .killing, .forgetting, .clearing, .gone: false
        }
    }
}
