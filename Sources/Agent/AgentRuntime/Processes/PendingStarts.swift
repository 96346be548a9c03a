import Model

/// Start requests during the check of their specs against the policy: there is no process yet that a stop could reach.
final class PendingStarts {
    /// One start request.
    final class Ticket {
        /// Whether a stop request came before there was a process.
        fileprivate(set) var isStopped = false
    }

    private var tickets: [Name: Ticket] = [:]

    /// - Parameter name: nil if the request leaves the id to the agent; then no stop request can name it.
    func begin(_ name: Name?) -> Ticket {
        let ticket = Ticket()
        if let name { tickets[name] = ticket }
        return ticket
    }

    func end(_ name: Name?) {
        if let name { tickets[name] = nil }
    }

    func contains(_ name: Name) -> Bool { tickets[name] != nil }

    /// - Returns: whether a start of that name is pending. It then fails when its check has ended.
    func stop(_ name: Name) -> Bool {
        guard let ticket = tickets[name] else { return false }
        ticket.isStopped = true
        return true
    }
}
