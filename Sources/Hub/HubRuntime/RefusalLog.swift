import Model
import Routing

/// Logs which client was refused what, at most ``Limits/hubRefusals`` times a second.
struct RefusalLog {
    private let broker: any BrokerAPI
    private var second = 0.0
    private var count = 0
    private var untold = 0

    init(_ broker: any BrokerAPI) { self.broker = broker }

    /// - Parameters:
    ///   - what: what was refused. It and the user are evaluated only for a line that is written.
    ///   - time: seconds of a monotonic clock.
    mutating func note(
        _ client: ConnectionKey, _ user: @autoclosure () -> String?, _ what: @autoclosure () -> String,
        as kind: StaticString, at time: Double
    ) {
        if time - second >= 1 {
            if untold > 0 { broker.log(.warning, "hub: \(untold) more refusals") }
            (second, count, untold) = (time, 0, 0)
        }
        count += 1
        guard count <= Limits.hubRefusals else {
            untold += 1
            return
        }
        let user = user().map { "user \($0)" } ?? "anonymous user"
        let words = "\(user), client \(broker.clientID(of: client)): \(what())"
        // A client chooses its own id, which must not forge a line.
        let line = String(words.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
        broker.log(.warning, "hub: \(kind): \(line)")
    }
}
