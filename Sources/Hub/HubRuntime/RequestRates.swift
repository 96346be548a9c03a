import Model
import Routing

/// Limits the requests a second of each connection, to the hub and to hosts. An agent processes requests in order, so a
/// client that floods it would delay the requests of all other clients.
struct RequestRates {
    private let rate: Int
    private var buckets: [ConnectionKey: TokenBucket] = [:]

    init(_ rate: Int) { self.rate = rate }

    /// - Parameter now: seconds of a monotonic clock.
    /// - Returns: why the request is refused; nil when it may pass.
    mutating func refusal(of connection: ConnectionKey, at now: Double) -> Failure? {
        var bucket = buckets[connection] ?? TokenBucket(rate: rate, capacity: rate, now: now)
        let holds = bucket.holds(1, at: now)
        if holds { bucket.spend(1) }
        buckets[connection] = bucket
        return holds ? nil : Failure(.noCapacity, "more than \(rate) requests a second")
    }

    mutating func forget(_ connection: ConnectionKey) { buckets[connection] = nil }
}
