/// The behaviour of a process that the soak starts.
enum Kind: CaseIterable, Sendable {
    /// Sleeps; is not restarted.
    case sleeper
    /// Sleeps, after it has forked children, some of them daemons; is not restarted.
    case family
    /// Sleeps and ignores SIGTERM.
    case stubborn
    /// Sleeps; is always restarted.
    case guarded
    case guardedFamily
    /// Ends soon; is always restarted.
    case flapper
    /// Ends soon with a failure; is restarted until it reaches the start limit.
    case failing
    /// Ends soon.
    case short
    case crashing
    /// Writes more than its log may hold and ends.
    case flooding
    /// Writes numbered lines until it is stopped.
    case writer
    /// Writes numbered lines and ends.
    case counter

    /// Kinds of which the output is not checked.
    static let common: [Kind] = [
        .sleeper, .family, .stubborn, .guarded, .guardedFamily, .flapper, .failing, .short, .crashing, .flooding,
    ]
    static let writing: [Kind] = [.writer, .counter]
    /// Kinds that are up whenever their want is `up`.
    static let permanent: [Kind] = [.guarded, .guardedFamily]

    /// The number of lines that a counter writes.
    static let count = 5_000

    /// Whether it runs until it is stopped.
    var lasts: Bool {
        switch self {
        case .sleeper, .family, .stubborn, .guarded, .guardedFamily, .writer: true
        case .flapper, .failing, .short, .crashing, .flooding, .counter: false
        }
    }

    /// Whether it is restarted without a limit.
    var isKept: Bool {
        switch self {
        case .guarded, .guardedFamily, .flapper: true
        case .sleeper, .family, .stubborn, .failing, .short, .crashing, .flooding, .writer, .counter: false
        }
    }

    var restart: String {
        switch self {
        case .guarded, .guardedFamily:
            #"{"policy":"always","delay":0.02,"max_delay":0.2,"start_limit":0}"#
        case .flapper: #"{"policy":"always","delay":0.1,"max_delay":0.5,"start_limit":0}"#
        case .failing: #"{"policy":"on_failure","delay":0.02,"max_delay":0.1,"start_limit":3}"#
        case .sleeper, .family, .stubborn, .short, .crashing, .flooding, .writer, .counter: #""never""#
        }
    }
}
