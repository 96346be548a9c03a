import Model

/// What becomes of one virtual machine: events in, actions out.
struct VMLifecycle: Equatable {
    enum Phase: Equatable {
        /// Its guest has said nothing so far.
        case booting
        /// Its guest knows who it is, and does not run an agent yet.
        case starting
        case up
        /// It is to end.
        case stopping
        case ended
    }

    enum Event: Equatable {
        /// What the guest says: that it wants to know who it is, that its agent runs, that its agent was told to end.
        case guestWaits, guestIsUp, guestEnds
        /// What the console shows.
        case panicked
        /// Nothing has come from the guest by its network for long.
        case cutOff
        case deadlinePassed
        /// Somebody wants it to end.
        case stopWanted
        /// QEMU is gone.
        case ended
    }

    enum Action: Equatable {
        case handOver
        case awaitDeadline(Double)
        case cancelDeadline
        /// From now on silence means that something is wrong.
        case beginToExpect
        case askToStop
        case kill
        /// The runner ends, by itself or because of a fault.
        case end(fault: String?)
    }

    /// The fault where QEMU is gone and nothing is known beside.
    static let endedByItself = "the machine has ended by itself"

    private(set) var phase = Phase.booting
    /// Seconds that it may take until it is up.
    private let patience: Double
    /// Why it ends though nobody wants it to; the first reason is the one.
    private var fault: String?

    init(patience: Double = Limits.vmBoot) { self.patience = patience }

    var beginning: [Action] { [.awaitDeadline(patience)] }

    /// Whether nothing of it has been wanted or seen so far but that it comes up.
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
        case (.up, .cutOff): return fail("the guest has not been heard of by its network for long")
        case (.booting, .deadlinePassed): return fail("the guest has not booted within \(Int(patience)) s")
        case (.starting, .deadlinePassed): return fail("the guest's agent has not come up in time")
        // Nothing that runs in it is anybody's.
        case (.booting, .stopWanted), (.starting, .stopWanted):
            phase = .stopping
            return [.cancelDeadline, .kill]
        case (.up, .stopWanted):
            phase = .stopping
            return [.askToStop]
        // Twice: who still runs in it need not be waited for.
        case (.stopping, .stopWanted): return [.askToStop]
        case (.booting, .ended), (.starting, .ended), (.up, .ended):
            fault = fault ?? Self.endedByItself
            return end()
        case (.stopping, .ended): return end()
        case (.starting, .guestWaits), (.up, .guestWaits):
            return fail("the guest has begun anew by itself")
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
