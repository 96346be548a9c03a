package import Model

/// The age of a request, by the clock of the host that answers it.
extension RequestHeader {
    /// Why the request is refused as too old, or too far in the future; nil if it is not.
    ///
    /// - Parameters:
    ///   - limit: the highest difference between the two clocks, in seconds; 0: any.
    ///   - now: seconds since the epoch. A clock that is not set judges nothing.
    package func expiry(limit: Double, now: Double) -> Failure? {
        guard let timestamp, limit > 0, now >= Version.builtAfter else { return nil }
        let age = now - timestamp
        return age.magnitude > limit ? .expired(age: age, limit: limit, clock: now) : nil
    }

    /// Adds the age to the refusal of a message whose expiry interval has passed.
    package func dated(_ failure: Failure, now: Double) -> Failure {
        guard failure.code == .expired, failure.clock == nil, let timestamp else { return failure }
        return .expired(age: now - timestamp, limit: nil, clock: now)
    }
}
