import Testing

@testable import VMRuntime

/// Every sequence of events that a machine can go through, up to a depth.
struct VMLifecycleTests {
    private static let events: [VMLifecycle.Event] = [
        .guestWaits, .guestIsUp, .guestEnds, .panicked, .cutOff, .deadlinePassed, .stopWanted, .ended,
    ]

    /// What is known of a machine beside its life.
    private struct Observed {
        var life = VMLifecycle()
        var hasDeadline = true
        var isIdentified = false
        var isKilled = false
        var ends: [String?] = []
    }

    private func step(_ seen: Observed, _ event: VMLifecycle.Event) -> Observed {
        var seen = seen
        let hadEnded = !seen.ends.isEmpty
        for action in seen.life.handle(event) {
            #expect(!hadEnded, "nothing is done for one that has ended")
            switch action {
            case .handOver:
                #expect(!seen.isIdentified, "a guest is told once who it is")
                seen.isIdentified = true
            case .awaitDeadline: seen.hasDeadline = true
            case .cancelDeadline: seen.hasDeadline = false
            case .kill: seen.isKilled = true
            case .beginToExpect: #expect(seen.life.phase == .up)
            case .askToStop: #expect(seen.life.phase == .stopping)
            case .end(let fault): seen.ends.append(fault)
            }
        }
        return seen
    }

    private func explore(_ seen: Observed, depth: Int, _ visit: (Observed) -> Void) {
        visit(seen)
        guard depth > 0 else { return }
        for event in Self.events { explore(step(seen, event), depth: depth - 1, visit) }
    }

    @Test func `whatever happens, it ends once, when QEMU is gone, and has a deadline until it is up`() {
        explore(Observed(), depth: 5) { seen in
            #expect(seen.ends.count <= 1)
            #expect((seen.life.phase == .ended) == !seen.ends.isEmpty)
            if [.booting, .starting].contains(seen.life.phase) { #expect(seen.hasDeadline) }
            #expect(step(seen, .ended).life.phase == .ended)
        }
    }

    @Test(arguments: [
        ([VMLifecycle.Event.guestWaits, .guestIsUp, .stopWanted, .guestEnds, .ended], nil),
        ([.stopWanted, .ended], nil),
        ([.guestWaits, .guestIsUp, .guestEnds, .ended], nil),
        ([.guestWaits, .guestIsUp, .ended], "the machine has ended by itself"),
        ([.guestWaits, .guestIsUp, .panicked, .ended], "the guest's kernel panicked"),
        ([.guestWaits, .guestIsUp, .stopWanted, .panicked, .ended], "the guest's kernel panicked"),
        ([.deadlinePassed, .ended], "the guest has not booted within 60 s"),
        ([.guestWaits, .deadlinePassed, .ended], "the guest's agent has not come up in time"),
        (
            [.guestWaits, .guestIsUp, .cutOff, .ended],
            "the guest has not been heard of by its network for long"
        ),
    ]) func `it says why it has ended`(events: [VMLifecycle.Event], fault: String?) {
        let seen = events.reduce(Observed()) { step($0, $1) }
        #expect(seen.ends == [fault])
    }
}
