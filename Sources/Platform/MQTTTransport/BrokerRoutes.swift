/// The broker's addresses in the order in which they are tried, and why earlier ones have failed.
struct BrokerRoutes {
    private var rest: [String] = []
    private var current: String?
    private var failures: [(address: String, reason: String)] = []
    /// The address of the latest connection, which is tried first: otherwise a dead address would delay each reconnect.
    private var good: String?

    /// Begins a round of attempts.
    ///
    /// - Parameter addresses: in the order of the name lookup; a repeated one counts once.
    mutating func begin(_ addresses: [String]) {
        rest = []
        for address in addresses where !rest.contains(address) { rest.append(address) }
        if let good, let index = rest.firstIndex(of: good) { rest.insert(rest.remove(at: index), at: 0) }
        failures = []
        current = nil
    }

    /// The next address to try; nil if all have failed.
    mutating func next() -> String? {
        current = rest.isEmpty ? nil : rest.removeFirst()
        return current
    }

    /// The attempt with the current address has failed.
    mutating func failed(_ reason: String) { failures.append((current ?? "", reason)) }

    mutating func connected() { good = current }

    /// Why no address could be reached: one reason, or those of all addresses.
    var reason: String {
        let reasons = Set(failures.map(\.reason))
        guard reasons.count > 1 else { return reasons.first ?? "the broker's name has no address" }
        return failures.map { "\($0.address): \($0.reason)" }.joined(separator: ", ")
    }
}
