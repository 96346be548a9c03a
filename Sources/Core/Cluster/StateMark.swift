import Model

/// Identifies a state directory and the number of its last change. Published on `pm/cluster/serial`.
package struct StateMark: Equatable, Sendable {
    /// Random, created with the directory.
    package var id: String
    package var serial: Int

    package init(id: String, serial: Int) {
        self.id = id
        self.serial = serial
    }
}

extension StateMark {
    /// How a state directory compares with the one that managed the fleet last.
    package enum Standing: Sendable, CaseIterable {
        /// The directory has managed the fleet last.
        case current
        /// The broker retains no mark.
        case unknown
        /// The directory is an older copy, such as a restored backup.
        case older
        /// The fleet was managed with another directory, which may be lost.
        case other
    }

    /// - Parameter retained: the mark that the broker retains; nil if there is none.
    package func standing(to retained: StateMark?) -> Standing {
        guard let retained else { return .unknown }
        guard retained.id == id else { return .other }
        // The retained number may be lower, as a change is saved before its number is published.
        return retained.serial <= serial ? .current : .older
    }
}
