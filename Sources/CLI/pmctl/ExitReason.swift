/// The exit codes of pmctl beside 0 (success) and those of ``CommandError``. Scripts rely on them: docs/pmctl.md.
enum ExitReason: Int32, CaseIterable, Sendable {
    /// A host's health is bad or stale, or a running process is unhealthy.
    case badHealth = 1
    case failedProcess = 2
    case notRunning = 3
    /// No such host, process, node or VM, or nothing matches.
    case missing = 4
    /// A host or pm-cluster is offline.
    case offline = 5
    /// Some of several requests failed.
    case partly = 6
    /// The user lacks the right.
    case denied = 7
    /// The broker can't be reached, or a request was refused or failed.
    case failure = 111
    /// No answer in time.
    case timeout = 124

    /// For `--help`.
    var words: String {
        switch self {
        case .badHealth: "bad health"
        case .failedProcess: "failed process"
        case .notRunning: "not running"
        case .missing: "no such host, process, node or VM"
        case .offline: "offline"
        case .partly: "some of several requests failed"
        case .denied: "not authorized"
        case .failure: "failure (no broker, refused)"
        case .timeout: "no answer in time"
        }
    }

    /// All codes with their words, for `--help`.
    static var list: String { allCases.map { "\($0.rawValue): \($0.words)" }.joined(separator: ". ") }

    /// From the worst to the least.
    private static let order: [ExitReason] = [
        .failure, .timeout, .denied, .missing, .offline, .partly, .badHealth, .failedProcess, .notRunning,
    ]

    /// The worst of several; nil if there is none.
    static func worst(_ reasons: some Sequence<ExitReason>) -> ExitReason? {
        let reasons = Set(reasons)
        return order.first(where: reasons.contains)
    }
}
