import Model

/// Tells the broker's log who was refused what, and not more than anybody wants to read.
struct RefusalLog {
    private var second = 0.0
    private var count = 0
    private var untold = 0

    /// - Parameters:
    ///   - what: was refused. Neither it nor the user is made up for a line that is not written.
    ///   - time: seconds of a clock that does not jump.
    mutating func note(
        _ client: OpaquePointer, _ user: @autoclosure () -> String?, _ what: @autoclosure () -> String,
        as kind: StaticString, at time: Double
    ) {
        if time - second >= 1 {
            if untold > 0 { Log.write(.warning, "hub: \(untold) more were refused") }
            (second, count, untold) = (time, 0, 0)
        }
        count += 1
        guard count <= Limits.hubRefusals else {
            untold += 1
            return
        }
        let user = user().map { "user \($0)" } ?? "somebody without a name"
        let words = "\(user), client \(AccessControl.id(of: client)): \(what())"
        // What a client calls itself may not forge a line.
        let line = String(words.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
        Log.write(.warning, "hub: \(kind): \(line)")
    }
}
