import JSONCodec
import Model
import Wire

/// A request about processes: what is sent, to which of them, and how its outcome is told.
struct ProcessAction {
    let method: Method
    /// Arguments of the request beside the process.
    var arguments: [JSON.Member] = []
    /// Which processes of a pattern or of `--all` it is for.
    let applies: (ProcessReport) -> Bool
    /// The line for a success.
    ///
    /// - Parameters:
    ///   - name: the id from the answer or the request.
    let line: (_ result: JSON, _ name: String, HostName) -> String
    /// The line for a refusal that is none, because there was nothing to do.
    var excuse: ((Answer, ProcessChoice.Target) -> String?)?
    /// What a refusal means here.
    var explain: (CommandError, Answer, ProcessChoice.Target) -> CommandError = { error, _, _ in error }

    /// Carries the action out on all selected processes. Throws if it fails for one of them.
    func run(_ selection: ProcessSelection, _ options: GlobalOptions, timeout: Double) throws {
        let bus = try options.connect(defaultTimeout: timeout)
        defer { bus.close() }
        let fleet = try bus.fleet(selection.filters)
        if let host = selection.hosts.only {
            try bus.requireHost(host, in: fleet)
            guard fleet[host]?.isOnline == true else { throw CommandError.failed("host offline: \(host)", .offline) }
        }
        let (hosts, missing) = selection.hosts.hosts(in: fleet)
        let (targets, failures) = selection.processes.targets(on: hosts, where: applies)
        var log = OutcomeLog(isMany: selection.isMany, isJSON: options.json)
        for failure in missing + failures { log.fail(failure) }
        if targets.isEmpty, (missing + failures).isEmpty { Output.complain("pmctl: there is nothing to do") }
        let requests = targets.map { target in
            Gathering.Request(
                host: target.host, method: method,
                arguments: .object([.init("process_id", target.process.json)] + arguments))
        }
        var unknown: ProcessChoice.Target?
        try Gathering(requests, on: bus) { (index, outcome) throws(CommandError) in
            let target = targets[index]
            if case .success(let answer) = outcome, answer.code == .noSuchProcess { unknown = target }
            try tell(outcome, of: target, index, &log)
        }.run()
        do throws(CommandError) { try log.finish() } catch {
            guard !selection.isMany, let unknown else { throw error }
            throw try bus.suggestion(for: unknown, error)
        }
    }

    private func tell(
        _ outcome: Gathering.Outcome, of target: ProcessChoice.Target, _ index: Int, _ log: inout OutcomeLog
    ) throws(CommandError) {
        let place = RequestPlace(host: target.host, process: target.process)
        switch outcome {
        case .success(let answer):
            guard let error = answer.error else {
                let name = answer.result["process_id"]?.string ?? "\(target.process)"
                let line = Printable.line(line(answer.result, name, target.host))
                return try log.succeed(index, place, [line], answer.result)
            }
            guard let excuse = excuse?(answer, target) else {
                return log.fail(index, place, explain(error, answer, target), answer.result)
            }
            try log.succeed(index, place, [Printable.line(excuse)], ["status": "success", "unchanged": true])
        case .failure(let error): log.fail(index, place, error, nil)
        }
    }
}

extension Bus {
    /// `error`, with the name of a process of the host that is spelt much like the unknown one, if there is one.
    fileprivate func suggestion(
        for unknown: ProcessChoice.Target, _ error: CommandError
    ) throws(CommandError) -> CommandError {
        guard case .id(let id) = unknown.process, case .failed(let text, let reason) = error,
            let near = try near(id, on: unknown.host)
        else { return error }
        return .failed("\(text), did you mean \(near)?", reason)
    }

    /// The process of a host whose name is spelt much like `id`.
    func near(_ id: Name, on host: HostName) throws(CommandError) -> String? {
        let fleet = try fleet([Topic.everyProcess(of: host)])
        return Suggestion.nearest(
            to: id.description, among: (fleet[host]?.processes.keys.map(\.description) ?? []).sorted())
    }
}
