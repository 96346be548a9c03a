import Model
import Wire

/// The hosts that a command is for. Pure: what the bus says of hosts comes in as a ``Fleet``.
struct HostChoice {
    /// Without one, every host.
    let patterns: [HostPattern]
    /// Each has to match, too.
    let labels: [HostPattern]

    /// The host, if exactly one is named and nothing else has to match.
    var only: HostName? { patterns.count == 1 && labels.isEmpty ? patterns[0].name : nil }

    /// The topics that ``hosts(in:)`` needs.
    var filters: [String] {
        only.map { ["\(Topic.status($0))"] } ?? [Topic.everyStatus, Topic.everyInfo]
    }

    /// - Returns: the chosen hosts by name, also those that are offline, and one failure for each name that is unknown
    ///   and each pattern without a host.
    func hosts(in fleet: Fleet) -> (chosen: [HostReport], failures: [CommandError]) {
        let known = fleet.known
        let chosen = known.filter { host in
            (patterns.isEmpty || patterns.contains { isMatch(host, $0) }) && labels.allSatisfy { isMatch(host, $0) }
        }
        var failures: [CommandError] = []
        for pattern in patterns {
            let strangers = pattern.selector.plainNames.filter { name in
                !known.contains { $0.name.description == name }
            }
            for name in strangers {
                failures.append(.failed(Fleet.unknown(name, among: known.map(\.name)), .missing))
            }
            if strangers.isEmpty, !chosen.contains(where: { isMatch($0, pattern) }) {
                failures.append(nothing([pattern]))
            }
        }
        if patterns.isEmpty, !labels.isEmpty, chosen.isEmpty { failures.append(nothing([])) }
        return (chosen, failures)
    }

    private func isMatch(_ host: HostReport, _ pattern: HostPattern) -> Bool {
        pattern.selector.matches(host.name, labels: host.labels)
    }

    private func nothing(_ patterns: [HostPattern]) -> CommandError {
        .failed("no host matches \((patterns + labels).map(\.text).joined(separator: ","))", .missing)
    }
}
