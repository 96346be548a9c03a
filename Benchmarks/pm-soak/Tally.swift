/// Counters of requests, answers and faults.
struct Tally {
    var requests = 0
    var answers = 0
    /// Requests that a fault has swallowed.
    var unanswered = 0
    /// Requests that were refused because of a fault.
    var refused = 0
    /// Answers that arrived again, as QoS 1 permits after a connection has broken.
    var repeated = 0
    /// Requests and exits that were lost without a fault.
    var lost = 0
    /// Answers and processes that occurred twice.
    var doubled = 0
    var followedMessages = 0
    var workers = 0
    var agents = 0
    var keepers = 0
    var brokers = 0
    var members = 0
    var reloads = 0

    var faults: Int { workers + agents + keepers + brokers + members }

    var summary: String {
        "\(requests) requests (\(unanswered) swallowed, \(refused) refused), killed \(workers) workers, \(agents) agents, \(keepers) keepers, "
            + "\(brokers) brokers, \(members) processes; \(reloads) reloads, \(followedMessages) log messages"
    }
}
