/// Why a request failed: a code for programs, a detail for people.
///
/// `detail` is a lower-case phrase without a full stop ("program /x: no such file or directory"), which the method
/// dialect sends as `error.detail`. The BlueZero dialect sends `words` as `error_message`, which its users compare.
package struct Failure: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let detail: String
    /// A shorter text than `detail` if there is one ("no such file or directory"); otherwise equal to `detail`.
    package let words: String
    /// The answering host's wall clock, in seconds since the epoch, where the requester's differs too much from it.
    package let clock: Double?

    package init(_ code: ErrorCode, _ detail: String, words: String? = nil, clock: Double? = nil) {
        self.words = words ?? detail
        self.code = code
        self.detail = detail
        self.clock = clock
    }

    /// The refusal of a request that is too old, or too far in the future.
    ///
    /// - Parameters:
    ///   - age: seconds since the request's `timestamp`; negative if that is in the future.
    ///   - limit: the highest age in seconds; nil if something else has let the request expire.
    package static func expired(age: Double, limit: Double?, clock: Double) -> Failure {
        // An age of up to 10^15 s is possible, and must not trap.
        let seconds = Int(min(age.magnitude, 1e15))
        let when = age < 0 ? "\(seconds) s in the future" : "\(seconds) s ago"
        let rule = limit.map { ", and at most \(Int($0)) s are allowed" } ?? ""
        return Failure(
            .expired, "expired: it was sent \(when) by the clock of this host\(rule)", words: "expired", clock: clock)
    }
}
