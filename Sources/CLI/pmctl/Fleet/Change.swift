import Model

/// One thing the bus said of a host.
struct Change {
    enum Kind {
        case status(isOnline: Bool)
        case health(HealthReport)
        case stale
        case process(Name, ProcessReport)
        /// The agent has cleared an ended process.
        case forgotten(Name)
    }

    let host: HostName
    let kind: Kind
    /// Whether it is other than what was said before; a repetition is not.
    let isNews: Bool

    init(_ host: HostName, _ kind: Kind, isNews: Bool) {
        self.host = host
        self.kind = kind
        self.isNews = isNews
    }
}
