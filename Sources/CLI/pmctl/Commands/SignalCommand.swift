import ArgumentParser
import JSONCodec
import Model
import Wire

struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Sends a signal to processes.",
        usage: "pmctl signal [<options>] <host> [<process> ...] <signal>",
        discussion: """
            Example: pmctl signal alpha web HUP
            Example: pmctl signal '*' 'web-*' HUP

            The last argument is the signal: its name or its number. To stop a process and all that it started, use \
            pmctl stop.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(
        help: "The host, or a selector of hosts such as 'edge-*,rack=7'.", completion: .hosts,
        transform: Arguments.hosts)
    var host: HostPattern
    @Argument(help: "Ids, pids or patterns such as 'web-*', and the signal.") var words: [String]
    @OptionGroup var selection: SelectionOptions

    func validate() throws { _ = try parsed }

    func run() throws {
        let (processes, signal) = try parsed
        try ProcessAction(
            method: .signalProcess, arguments: [.init("signal", signal)], applies: { $0.pid != nil },
            line: { "sent \(ConfigText.text(signal)) to \($1) on \($2)" }
        ).run(ProcessSelection(host, processes, selection), options, timeout: GlobalOptions.defaultTimeout)
    }

    private var parsed: (processes: [ProcessPattern], signal: JSON) {
        get throws {
            guard let last = words.last, words.count > 1 || selection.all else {
                throw ValidationError("Missing expected argument '<signal>'")
            }
            let processes = try words.dropLast().map { try value($0, of: "process", Arguments.processes) }
            try selection.check(processes, on: host)
            return (processes, try value(last, of: "signal", Arguments.signal))
        }
    }

    /// Parses a word with an error like those of ArgumentParser.
    private func value<Value>(_ word: String, of name: String, _ parse: (String) throws -> Value) throws -> Value {
        do { return try parse(word) } catch let error as ValidationError {
            throw ValidationError("the value '\(word)' is invalid for '<\(name)>': \(error.message)")
        }
    }
}
