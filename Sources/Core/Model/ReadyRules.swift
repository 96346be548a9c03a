/// How a process signals that it is up (`ready` of a config). Without these rules it counts as up once it is executed.
package struct ReadyRules: Hashable, Sendable {
    package enum Sign: Hashable, Sendable {
        /// It writes a line to this descriptor, 3 or higher (like s6's `notification-fd`).
        case descriptor(Int32)
        /// A line on stdout or stderr contains this text.
        case logLine(String)
        /// It accepts TCP connections.
        case tcp(Endpoint)
    }

    package var sign: Sign
    /// Seconds within which the process must be up; otherwise its start has failed.
    package var timeout = Limits.readyTimeout

    package init(sign: Sign) { self.sign = sign }
}
