import Testing

@testable import VMRuntime

/// Checks every sequence of events that a VM can go through, up to a certain length.
struct VMLifecycleTests {
    private static let events: [VMLifecycle.Event] = [
        .guestWaits, .guestIsUp, .guestEnds, .panicked, .cutOff, .deadlinePassed, .stopWanted, .ended,
    ]

    /// What the test knows about a VM, in addition to its lifecycle.
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
            #expect(!hadEnded, "no actions after the end")
            switch action {
            case .handOver:
                #expect(!seen.isIdentified, "a guest gets its identity only once")
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

    @Test func `in every sequence it ends once, when QEMU has ended, and has a deadline until it is up`() {
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
        ([.guestWaits, .guestIsUp, .ended], "the VM ended unexpectedly"),
        ([.guestWaits, .guestIsUp, .panicked, .ended], "the guest's kernel panicked"),
        ([.guestWaits, .guestIsUp, .stopWanted, .panicked, .ended], "the guest's kernel panicked"),
        ([.deadlinePassed, .ended], "the guest has not booted within 60 s"),
        ([.guestWaits, .deadlinePassed, .ended], "the guest's agent has not started in time"),
        (
            [.guestWaits, .guestIsUp, .cutOff, .ended],
            "the guest had no connection to the broker for too long"
        ),
    ]) func `the end has the first fault`(events: [VMLifecycle.Event], fault: String?) {
        let seen = events.reduce(Observed()) { step($0, $1) }
        #expect(seen.ends == [fault])
    }
}
