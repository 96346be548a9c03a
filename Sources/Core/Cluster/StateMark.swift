import Model

/// How far a state directory has come: each change of it has a number.
package struct StateMark: Equatable, Sendable {
    /// The directory's own, random.
    package var id: String
    package var serial: Int

    package init(id: String, serial: Int) {
        self.id = id
        self.serial = serial
    }
}

extension StateMark {
    /// How a state directory stands to what the fleet was managed with last.
    package enum Standing: Sendable, CaseIterable {
        /// It is what the fleet was managed with.
        case current
        /// The broker knows of no state directory.
        case unknown
        /// It is an older copy, as a restored backup is.
        case older
        /// It is another one, as after the loss of the former.
        case other
    }

    /// - Parameter retained: what the broker retains; nil when it retains nothing of the kind.
    package func standing(to retained: StateMark?) -> Standing {
        guard let retained else { return .unknown }
        guard retained.id == id else { return .other }
        // The broker may lag behind: what is written down is told a moment later.
        return retained.serial <= serial ? .current : .older
    }
}
