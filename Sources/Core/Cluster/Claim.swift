/// Who of several managers on one broker acts, as a pure machine.
///
/// Each says on connecting that it would like to. One that acts objects, and the other gives way for good. When two have
/// begun to act without hearing of each other, the one that has acted for longer stays, which both work out alike: nobody
/// takes anything from anybody twice.
package struct Claim: Hashable, Sendable {
    package enum State: Sendable {
        /// Not connected, or waiting for objections.
        case waiting
        case acting
        /// Another one acts.
        case yielded
    }

    package enum Event: Hashable, Sendable {
        /// Everything retained has been read; whether somebody has said that he is online.
        case ready(isTaken: Bool)
        case patienceOver
        /// Another one's word.
        case heard(Word)
        case disconnected
    }

    package enum Action: Hashable, Sendable {
        /// Say the own word.
        case speak
        /// `patienceOver` is due after ``Limits/claimPatience``.
        case wait
        case act
        case yield(to: String)
    }

    /// What one says of himself.
    package struct Word: Hashable, Sendable {
        /// Different for each start of a manager.
        package var name: String
        /// Seconds since the epoch; nil while he only would like to.
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
        // Nobody is there: whoever begins at the same moment hears this word.
        case (.waiting, .ready(isTaken: false)), (.waiting, .patienceOver):
            state = .acting
            word.actingSince = now
            return [.speak, .act]
        case (.waiting, .heard(let other)): return other.actingSince == nil ? [] : yield(to: other)
        case (.acting, .heard(let other)):
            guard let theirs = other.actingSince, let ours = word.actingSince else { return [.speak] }
            return (theirs, other.name) < (ours, word.name) ? yield(to: other) : [.speak]
        // Somebody else may have begun to act meanwhile; then he stays.
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
