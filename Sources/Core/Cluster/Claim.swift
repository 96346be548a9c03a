/// Decides which of several pm-clusters on one broker is active: events in, actions out, without I/O or clock.
///
/// Each publishes a claim after it has connected. An active pm-cluster objects with its own claim, and the new one
/// yields for good. If two became active without receiving each other's claims, the one that has been active for
/// longer stays. Both compute the same result from the two claims, so exactly one stays.
package struct Claim: Hashable, Sendable {
    package enum State: Sendable {
        /// Disconnected, or waiting for objections.
        case waiting
        case acting
        /// Another pm-cluster is active.
        case yielded
    }

    package enum Event: Hashable, Sendable {
        /// All retained messages have been read. `isTaken`: `pm/cluster/status` says `online`.
        case ready(isTaken: Bool)
        case patienceOver
        /// A claim of another pm-cluster.
        case heard(Word)
        case disconnected
    }

    package enum Action: Hashable, Sendable {
        /// Publish the own claim.
        case speak
        /// `patienceOver` is due after ``Limits/claimPatience``.
        case wait
        case act
        case yield(to: String)
    }

    /// The content of a claim.
    package struct Word: Hashable, Sendable {
        /// Random, and different for each start of pm-cluster.
        package var name: String
        /// Seconds since the epoch; nil while it is not active.
        package var actingSince: Double?

        package init(name: String, actingSince: Double?) {
            self.name = name
            self.actingSince = actingSince
        }
    }

    package private(set) var state = State.waiting
    package private(set) var word: Word

    package init(name: String) { word = Word(name: name, actingSince: nil) }

    /// - Parameter now: seconds since the epoch.
    package mutating func handle(_ event: Event, at now: Double) -> [Action] {
        switch (state, event) {
        case (.waiting, .ready(isTaken: true)): return [.speak, .wait]
        // No other pm-cluster is active. One that starts at the same moment receives this claim.
        case (.waiting, .ready(isTaken: false)), (.waiting, .patienceOver):
            state = .acting
            word.actingSince = now
            return [.speak, .act]
        case (.waiting, .heard(let other)): return other.actingSince == nil ? [] : yield(to: other)
        case (.acting, .heard(let other)):
            guard let theirs = other.actingSince, let ours = word.actingSince else { return [.speak] }
            return (theirs, other.name) < (ours, word.name) ? yield(to: other) : [.speak]
        // Another pm-cluster may become active during the outage; then that one stays.
        case (.waiting, .disconnected), (.acting, .disconnected):
            state = .waiting
            word.actingSince = nil
            return []
        case (.acting, .ready), (.acting, .patienceOver), (.yielded, _): return []
        }
    }

    private mutating func yield(to other: Word) -> [Action] {
        state = .yielded
        return [.yield(to: other.name)]
    }
}
