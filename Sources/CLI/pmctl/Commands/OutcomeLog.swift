import JSONCodec
import Model

/// Prints what became of a command's requests, and decides how the command ends.
///
/// A single request prints a line, or with `--json` the `result` of its answer. Several print a line each, as the
/// outcomes come, or with `--json` one array of the results in the order of the requests; failures go to stderr.
struct OutcomeLog {
    private let isMany: Bool
    private let isJSON: Bool
    private var successes = 0
    private var failures: [CommandError] = []
    private var results: [(index: Int, json: JSON)] = []

    init(isMany: Bool, isJSON: Bool) {
        self.isMany = isMany
        self.isJSON = isJSON
    }

    /// - Parameters:
    ///   - index: the place of the request among all.
    ///   - result: the `result` of its answer.
    mutating func succeed(_ index: Int, _ place: RequestPlace, _ lines: [String], _ result: JSON) throws(CommandError) {
        successes += 1
        if isJSON { results.append((index, isMany ? place.json(result) : result)) }
        try show(lines)
    }

    func show(_ lines: [String]) throws(CommandError) {
        if !isJSON { try Output.write(lines) }
    }

    /// - Parameter result: the `result` of its answer; nil if there was none.
    mutating func fail(_ index: Int, _ place: RequestPlace, _ error: CommandError, _ result: JSON?) {
        failures.append(error)
        if isJSON, let result = result ?? (isMany ? Self.result(of: error) : nil) {
            results.append((index, isMany ? place.json(result) : result))
        }
        if isMany, let text = error.text { complain("\(place): \(text)") }
    }

    /// A failure before a request was sent, such as a host that is offline.
    mutating func fail(_ error: CommandError) {
        failures.append(error)
        if isMany, let text = error.text { complain(text) }
    }

    private func complain(_ text: String) { Output.complain("pmctl: \(Printable.line(text))") }

    /// Throws if anything failed.
    mutating func finish() throws(CommandError) {
        results.sort { $0.index < $1.index }
        if isJSON {
            if isMany { try Output.write(.array(results.map(\.json))) }
            if !isMany, let result = results.first?.json { try Output.write(result) }
        }
        guard let first = failures.first else { return }
        guard isMany else { throw first }
        if successes > 0 { throw .failed("\(failures.count) of \(failures.count + successes) failed", .partly) }
        throw .told(ExitReason.worst(failures.compactMap(\.reason)) ?? .failure)
    }

    /// As an agent would say it.
    private static func result(of error: CommandError) -> JSON {
        let code: ErrorCode =
            switch error.reason {
            case .offline: .hostOffline
            case .timeout: .timeout
            case .denied: .notAuthorized
            default: .internal
            }
        return [
            "status": "failed",
            "error": ["code": .string(code.rawValue), "detail": .string(error.text ?? "")],
        ]
    }
}
