import Model

/// One report about a host that came over the bus.
struct Change {
    enum Kind {
        case status(isOnline: Bool)
        case health(HealthReport)
        case stale
        case process(Name, ProcessReport)
        /// The agent has cleared the retained entry of an ended process.
        case forgotten(Name)
    }

    let host: HostName
    let kind: Kind
    /// Whether it differs from the previous report.
    let isNews: Bool

    init(_ host: HostName, _ kind: Kind, isNews: Bool) {
        self.host = host
        self.kind = kind
        self.isNews = isNews
    }
}
