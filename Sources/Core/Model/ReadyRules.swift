/// How a process shows that it is up (`ready` of a config); without it, it is up as soon as it has been executed.
package struct ReadyRules: Hashable, Sendable {
    package enum Sign: Hashable, Sendable {
        /// It writes a line to this descriptor (as s6's `notification-fd`), 3 or higher.
        case descriptor(Int32)
        /// A line on stdout or stderr holds this text.
        case logLine(String)
        /// Somebody listens.
        case tcp(Endpoint)
    }

    package var sign: Sign
    /// Seconds within which it must be up, or its start has failed.
    package var timeout = Limits.readyTimeout

    package init(sign: Sign) { self.sign = sign }
}
