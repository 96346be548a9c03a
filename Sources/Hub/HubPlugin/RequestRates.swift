import Model
import Routing

/// How many requests a second each connection may make, to the hub and to hosts: an agent reads what comes to it in turn, so
/// one who floods it would have everybody else's requests wait behind.
struct RequestRates {
    /// Nil is any number.
    private let rate: Int?
    private var buckets: [ConnectionKey: TokenBucket] = [:]

    init(_ rate: Int?) { self.rate = rate }

    /// - Parameter time: seconds of a clock that does not jump.
    /// - Returns: nil when it may pass, or why it may not.
    mutating func refusal(of connection: ConnectionKey, at time: @autoclosure () -> Double) -> Failure? {
        guard let rate else { return nil }
        let now = time()
        var bucket = buckets[connection] ?? TokenBucket(rate: rate, capacity: rate, now: now)
        let holds = bucket.holds(1, at: now)
        if holds { bucket.spend(1) }
        buckets[connection] = bucket
        return holds ? nil : Failure(.noCapacity, "more than \(rate) requests a second")
    }

    mutating func forget(_ connection: ConnectionKey) { buckets[connection] = nil }
}
