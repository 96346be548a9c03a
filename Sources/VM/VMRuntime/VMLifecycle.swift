import Model

/// The lifecycle of a VM as its runner sees it: events in, actions out, no I/O.
///
/// The phases are passed in order, but may be skipped. A fault in any phase kills QEMU; the runner then ends with the
/// first fault. The runner carries out the actions in order.
struct VMLifecycle: Equatable {
    enum Phase: Equatable {
        /// The guest has not reported anything yet.
        case booting
        /// The guest has its identity, and its agent is not up yet.
        case starting
        case up
        /// The VM is to end.
        case stopping
        case ended
    }

    enum Event: Equatable {
        /// Messages of the guest: it waits for its identity, its agent is up, its agent has been told to end.
        case guestWaits, guestIsUp, guestEnds
        /// The console shows a kernel panic.
        case panicked
        /// The guest has had no connection to the broker for too long.
        case cutOff
        case deadlinePassed
        /// The agent asked the runner to stop the VM.
        case stopWanted
        /// QEMU has ended.
        case ended
    }

    enum Action: Equatable {
        case handOver
        case awaitDeadline(Double)
        case cancelDeadline
        /// Treat a missing connection to the broker as a fault from now on.
        case beginToExpect
        case askToStop
        case kill
        /// End the runner, with a fault if there was one.
        case end(fault: String?)
    }

    /// The fault when QEMU ended and no other reason is known.
    static let endedByItself = "the VM ended unexpectedly"

    private(set) var phase = Phase.booting
    /// Seconds within which the VM must be up.
    private let patience: Double
    /// Why the VM ends without a request; the first fault counts.
    private var fault: String?

    init(patience: Double = Limits.vmBoot) { self.patience = patience }

    var beginning: [Action] { [.awaitDeadline(patience)] }

    /// Whether the VM is still coming up, without a fault or a request to stop.
    var isYoung: Bool { (phase == .booting || phase == .starting) && fault == nil }

    mutating func handle(_ event: Event) -> [Action] {
        switch (phase, event) {
        case (.booting, .guestWaits):
            phase = .starting
            return [.handOver]
        case (.booting, .guestIsUp), (.starting, .guestIsUp):
            phase = .up
            return [.cancelDeadline, .beginToExpect]
        case (.booting, .guestEnds), (.starting, .guestEnds), (.up, .guestEnds):
            phase = .stopping
            return []
        case (.booting, .panicked), (.starting, .panicked), (.up, .panicked), (.stopping, .panicked):
            return fail("the guest's kernel panicked")
        case (.up, .cutOff): return fail("the guest had no connection to the broker for too long")
        case (.booting, .deadlinePassed): return fail("the guest has not booted within \(Int(patience)) s")
        case (.starting, .deadlinePassed): return fail("the guest's agent has not started in time")
        // The guest runs no process yet, so it can be killed.
        case (.booting, .stopWanted), (.starting, .stopWanted):
            phase = .stopping
            return [.cancelDeadline, .kill]
        case (.up, .stopWanted):
            phase = .stopping
            return [.askToStop]
        // A second request ends the VM without waiting for the processes in it.
        case (.stopping, .stopWanted): return [.askToStop]
        case (.booting, .ended), (.starting, .ended), (.up, .ended):
            fault = fault ?? Self.endedByItself
            return end()
        case (.stopping, .ended): return end()
        case (.starting, .guestWaits), (.up, .guestWaits):
            return fail("the guest restarted unexpectedly")
        case (.booting, .cutOff), (.starting, .cutOff), (.stopping, .cutOff), (.up, .deadlinePassed),
            (.stopping, .deadlinePassed), (.stopping, .guestWaits), (.stopping, .guestIsUp), (.stopping, .guestEnds),
            (.up, .guestIsUp):
            return []
        case (.ended, .guestWaits), (.ended, .guestIsUp), (.ended, .guestEnds), (.ended, .panicked),
            (.ended, .cutOff), (.ended, .deadlinePassed), (.ended, .stopWanted), (.ended, .ended):
            return []
        }
    }

    private mutating func fail(_ reason: String) -> [Action] {
        fault = fault ?? reason
        phase = .stopping
        return [.cancelDeadline, .kill]
    }

    private mutating func end() -> [Action] {
        phase = .ended
        return [.cancelDeadline, .end(fault: fault)]
    }
}
