/// Which version of MQTT to try next: 5, and 3.1.1 once the broker has shown that it does not speak 5.
///
/// A broker without MQTT 5 refuses it, or just hangs up. But so does a broker, or a proxy before it, that is about to
/// end or not up yet; so a success with 3.1.1 after hang-ups is put to the proof by one more attempt with 5.
struct ProtocolChoice: Equatable {
    enum Version: Equatable, Sendable { case v311, v5 }

    private(set) var version = Version.v5
    /// Attempts with 5 that ended without an answer, since there was one.
    private var hangUps = 0
    private var isProven = false

    /// The broker's answer: not this version.
    mutating func refused() {
        isProven = version == .v5
        version = version == .v5 ? .v311 : .v5
    }

    /// The connection ended before an answer.
    mutating func hungUp() {
        if version == .v311 {
            version = .v5
        } else {
            hangUps += 1
            if hangUps >= 2 { version = .v311 }
        }
    }

    /// The broker's answer: welcome.
    ///
    /// - Returns: whether to stay. If not, 5 is worth another attempt now.
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

    /// An open connection was lost; who comes back may be another.
    mutating func lost() { self = ProtocolChoice() }
}
