/// What was done so far.
struct Tally {
    var requests = 0
    /// Those that a fault has swallowed, or that were refused because of one.
    var unanswered = 0
    var followedMessages = 0
    var workers = 0
    var agents = 0
    var keepers = 0
    var brokers = 0
    var members = 0
    var reloads = 0

    var faults: Int { workers + agents + keepers + brokers + members }

    var summary: String {
        "\(requests) requests (\(unanswered) swallowed), killed \(workers) workers, \(agents) agents, \(keepers) keepers, "
            + "\(brokers) brokers, \(members) processes; \(reloads) reloads, \(followedMessages) log messages"
    }
}
