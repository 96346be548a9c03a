import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows what a process has written.",
        discussion: """
            Example: pmctl logs alpha web -n 20 --follow

            Its stdout goes to stdout, its stderr to stderr. With --json a line of either is an object a line.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget
    @OptionGroup var lines: LineOptions
    @Option(help: "Only this one.", completion: .list(LogStream.allCases.map(\.rawValue)))
    var stream: LogStream?
    @Flag(name: .shortAndLong, help: "Go on with what it writes, until Ctrl-C.") var follow = false

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let printer = LogPrinter(isJSON: options.json)
        guard follow else { return try showLast(of: target.process, bus, printer) }
        // A pid may be another process's by the time it is asked for again.
        let id = try bus.id(of: target.process, on: target.host)
        try showLast(of: .id(id), bus, printer)
        let arguments: JSON = ["process_id": .string(id.description), "stream": .string(streamWord)]
        do {
            try bus.followLog(of: id, on: target.host, arguments, printer.print)
        } catch CommandError.interrupted {
            _ = bus.send(.unfollowLog, to: target.host, arguments)
        }
    }

    private func showLast(of process: ProcessReference, _ bus: Bus, _ printer: LogPrinter) throws(CommandError) {
        let answer = try bus.request(
            .getLog, of: target.host,
            ["process_id": process.json, "lines": .number(lines.count), "stream": .string(streamWord)])
        if let refusal = answer.refusal { throw .failed(refusal) }
        for stream in LogStream.allCases {
            try printer.print((answer.result[stream.rawValue]?.array ?? []).compactMap(\.string), of: stream)
        }
        if answer.result["truncated"]?.bool == true {
            Output.complain("pmctl: older lines do not fit into an answer; ask for fewer, or for one stream")
        }
    }

    private var streamWord: String { stream?.rawValue ?? "both" }
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
