/// Decides which MQTT version to try next: 5, or 3.1.1 once the broker has shown that it does not support 5.
///
/// A broker without MQTT 5 refuses the version or closes the connection. A broker or a proxy that is starting or ending
/// closes the connection, too. So when 3.1.1 succeeds after closed connections, one more attempt with 5 is made before
/// the session stays with 3.1.1. Bad luck can close that one as well: then 3.1.1 is only presumed, and a ``VersionProbe``
/// goes on asking.
struct ProtocolChoice: Equatable {
    enum Version: Equatable, Sendable { case v311, v5 }

    private(set) var version = Version.v5
    /// Attempts with 5 that ended without an answer, since the choice was last reset.
    private var hangUps = 0
    private var isProven = false
    private var isRefused = false

    /// Whether the attempts so far may have failed because of the version: one with 3.1.1, or a second one with 5, is
    /// next.
    var isUndecided: Bool { version == .v311 || hangUps == 1 }

    /// Whether 3.1.1 is used although the broker has never said that it does not support 5.
    var isPresumed: Bool { version == .v311 && !isRefused }

    /// The broker refused this version.
    mutating func refused() {
        isRefused = version == .v5
        isProven = version == .v5
        version = version == .v5 ? .v311 : .v5
    }

    /// The connection was closed before an answer.
    mutating func hungUp() {
        if version == .v311 {
            version = .v5
        } else {
            hangUps += 1
            if hangUps >= 2 { version = .v311 }
        }
    }

    /// The broker accepted the connection.
    ///
    /// - Returns: whether to keep the connection; false: make another attempt with 5 now.
    mutating func opened() -> Bool {
        if version == .v5 {
            self = ProtocolChoice()
        } else if !isProven {
            isProven = true
            version = .v5
            return false
        }
        return true
    }

    /// An open connection was lost. The broker may come back with other versions, so the choice starts over.
    mutating func lost() { self = ProtocolChoice() }
}
