import Model

/// Start requests during the check of their specs against the policy, when a stop can't reach their process: there is
/// none yet, or it runs with another spec.
final class PendingStarts {
    /// One start request.
    final class Ticket {
        let name: Name?
        /// Whether a stop request came before the start was carried out.
        fileprivate(set) var isStopped = false

        fileprivate init(_ name: Name?) { self.name = name }
    }

    private var tickets: [Name: [Ticket]] = [:]

    /// - Parameter name: nil if the request leaves the id to the agent; then no stop request can name it.
    func begin(_ name: Name?) -> Ticket {
        let ticket = Ticket(name)
        if let name { tickets[name, default: []].append(ticket) }
        return ticket
    }

    func end(_ ticket: Ticket) {
        guard let name = ticket.name, var others = tickets[name] else { return }
        others.removeAll { $0 === ticket }
        tickets[name] = others.isEmpty ? nil : others
    }

    func contains(_ name: Name) -> Bool { tickets[name] != nil }

    /// - Returns: whether starts of that name are pending. They then fail when their checks have ended.
    func stop(_ name: Name) -> Bool {
        guard let pending = tickets[name] else { return false }
        for ticket in pending { ticket.isStopped = true }
        return true
    }
}
