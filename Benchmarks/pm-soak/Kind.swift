/// What processes of the soak are like.
enum Kind: CaseIterable, Sendable {
    /// Sleeps; is not started again.
    case sleeper
    /// The same, with others it has forked, some of them daemons.
    case family
    /// Sleeps and ignores SIGTERM.
    case stubborn
    /// Sleeps; is always started again.
    case guarded
    case guardedFamily
    /// Ends soon, and is always started again.
    case flapper
    /// Ends soon, with a failure each time, until it is given up.
    case failing
    /// Ends soon.
    case short
    case crashing
    /// Writes more than its log may hold, and ends.
    case flooding
    /// Writes numbered lines for ever.
    case writer
    /// Writes numbered lines, and ends.
    case counter

    /// Those whose output nobody counts.
    static let common: [Kind] = [
        .sleeper, .family, .stubborn, .guarded, .guardedFamily, .flapper, .failing, .short, .crashing, .flooding,
    ]
    static let writing: [Kind] = [.writer, .counter]
    /// Those that are up whenever they are wanted.
    static let permanent: [Kind] = [.guarded, .guardedFamily]

    /// Lines of a counter.
    static let count = 5_000

    /// Whether it goes on for ever by itself.
    var lasts: Bool {
        switch self {
        case .sleeper, .family, .stubborn, .guarded, .guardedFamily, .writer: true
        case .flapper, .failing, .short, .crashing, .flooding, .counter: false
        }
    }

    /// Whether it is started again however often it ends.
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
