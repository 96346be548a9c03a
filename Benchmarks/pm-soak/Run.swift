/// One requested start, with the config and the possible ends of the process.
struct Run: Sendable, CustomStringConvertible {
    /// Unique among all runs of the soak. The processes of the run carry it in their environment.
    let number: Int
    let slot: String
    let kind: Kind
    /// The exit code if it ends by itself.
    let exitCode: Int
    /// Seconds until it ends by itself.
    private let delay: Double
    private let forks: Int
    private let daemons: Int
    private let isPersistent: Bool
    private let hasRoomyLog: Bool

    init(_ number: Int, in slot: String, _ kind: Kind, _ seed: inout some RandomNumberGenerator) {
        self.number = number
        self.slot = slot
        self.kind = kind
        let hasFamily = kind == .family || kind == .guardedFamily
        forks = hasFamily ? Int.random(in: 0...2, using: &seed) : 0
        daemons = hasFamily ? Int.random(in: 1...2, using: &seed) : 0
        delay = Double(Int.random(in: 0...20, using: &seed)) / 20
        let code = Int.random(in: 0...40, using: &seed)
        switch kind {
        case .crashing: exitCode = 128 + 6
        case .failing: exitCode = code + 1
        default: exitCode = code
        }
        isPersistent = Int.random(in: 0..<4, using: &seed) == 0
        // The same for all runs of a slot, so that the expected contents of the log files are known.
        hasRoomyLog = slot.utf8.last.map { $0 % 2 == 0 } ?? false
    }

    /// The number of its processes.
    var size: Int { 1 + forks + daemons }

    /// Whether its log is large enough to keep all lines.
    var keepsAllLines: Bool { hasRoomyLog && Kind.writing.contains(kind) }

    var description: String { "\(slot).\(number) \(kind)" }

    /// The value of `PM_SOAK` in the environment of its processes.
    func mark(_ tag: String) -> String { "\(tag) \(slot).\(number)" }

    func config(tag: String, program: String) -> String {
        let words = command(program).map { "\"\($0)\"" }.joined(separator: ",")
        let log = keepsAllLines ? "" : #","log":{"max_size":"16K","files":3}"#
        return #"{"name":"\#(slot)","command":[\#(words)],"env":{"PM_SOAK":"\#(mark(tag))"},"#
            + #""restart":\#(kind.restart),"stop":{"grace":0.3},"limits":{"core":0},"persist":\#(isPersistent)\#(log)}"#
    }

    private func command(_ program: String) -> [String] {
        let end = ["--after", "\(delay)", "--exit", "\(exitCode)"]
        switch kind {
        case .sleeper, .guarded: return ["/bin/sleep", "100000"]
        case .family, .guardedFamily: return [program, "--fork", "\(forks)", "--double-fork", "\(daemons)"]
        case .stubborn: return [program, "--ignore-term"]
        case .flapper, .failing, .short: return [program] + end
        case .crashing: return [program, "--after", "\(delay)", "--crash"]
        case .flooding: return [program, "--flood", "20000", "--exit", "\(exitCode)"]
        case .writer: return [program, "--lines-per-second", "100"]
        case .counter:
            return [program, "--flood", "\(Kind.count)", "--lines-per-second", "5000", "--exit", "\(exitCode)"]
        }
    }
}
