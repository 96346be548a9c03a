import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows the output of a process.",
        discussion: """
            Example: pmctl logs alpha web --tail 20 --follow
            Example: pmctl logs alpha web --since 10m --timestamps

            Lines of both streams come in the order in which they were written, as far as the agent can tell: lines \
            that are in both pipes when it reads them have no order. The stdout of the process goes to stdout, its \
            stderr to stderr. With --json each line is an object. --follow continues after a restart of the agent or \
            the broker.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget
    @OptionGroup var lines: LineOptions
    @Option(help: "Only this stream. (default: both)", completion: .list(LogStream.allCases.map(\.rawValue)))
    var stream: LogStream?
    @Option(
        help: ArgumentHelp(
            "Only lines since then: 10m ago (s, m, h, d), 2026-11-30 14:03 (UTC with Z), or @ and seconds since 1970.",
            valueName: "time"))
    var since: String?
    @Flag(name: .shortAndLong, help: "Also show new lines, until Ctrl-C.") var follow = false
    @Flag(name: .shortAndLong, help: "Begin each line with the time at which the agent read it.")
    var timestamps = false
    @Flag(help: "Do not escape control characters: escape sequences take effect.") var raw = false

    func validate() throws {
        if let since, PastTime(since, now: WallClock.now) == nil {
            throw ValidationError("--since must be a time such as 10m, 2026-11-30, 2026-11-30 14:03 or @1764511439")
        }
    }

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        guard follow else {
            let answer = try bus.request(
                .getLog, of: target.host,
                .object(
                    [
                        .init("process_id", target.process.json), .init("stream", .string(stream?.rawValue ?? "both")),
                        .init("merge", true), .init("timestamps", true),
                    ] + history))
            if let error = answer.error { throw error }
            return try show(answer)
        }
        // Follow by id: the pid may belong to another process when a request is repeated.
        let id = try bus.id(of: target.process, on: target.host)
        try bus.requireOnline(target.host)
        try LogTrail(of: id, on: target.host, stream, history: history, bus: bus, show: show).follow()
    }

    /// The arguments of `get_log` that select the lines written before.
    private var history: [JSON.Member] {
        let since = since.flatMap { PastTime($0, now: WallClock.now) }
        var members: [JSON.Member] = since.map { [.init("since", .number($0.seconds))] } ?? []
        // --since alone has no limit on the number of lines.
        if since == nil || lines.lines != nil { members.append(.init("lines", .number(lines.count))) }
        return members
    }

    private func show(_ answer: Answer) throws(CommandError) {
        let result = answer.result
        if result["gap"]?.bool == true { Output.complain("pmctl: lines were removed before they could be read") }
        let printer = LogPrinter(isJSON: options.json, showsTimes: timestamps, isRaw: raw)
        try printer.print((result["lines"]?.array ?? []).compactMap { LogLine($0) })
        if result["truncated"]?.bool == true, result["more"] == nil {
            Output.complain("pmctl: older lines do not fit into an answer; ask for fewer, or for one stream")
        }
    }
}

extension LogStream: ExpressibleByArgument {}

extension Bus {
    fileprivate func id(of process: ProcessReference, on host: HostName) throws(CommandError) -> Name {
        if case .id(let id) = process { return id }
        guard let id = Name(try self.process(process, of: host).id) else {
            throw .failed("\(process) has no valid id")
        }
        return id
    }
}
