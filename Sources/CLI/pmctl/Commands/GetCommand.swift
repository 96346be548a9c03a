import ArgumentParser
import JSONCodec
import Model
import Wire

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Prints the config of a process, as pmctl start --config takes it.",
        discussion: """
            Example: pmctl get alpha web > web.json
            Example: pmctl get alpha web | pmctl start beta --config -
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case json }

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget
    @Option(name: .shortAndLong, help: "How it is printed: only as JSON.") var output = Format.json

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let report = try bus.process(target.process, of: target.host)
        guard let config = report.config else {
            throw CommandError.failed("the agent of host \(target.host) is too old: it does not tell configs")
        }
        // --json is for programs: one line, as elsewhere.
        if options.json { return try Output.write(config) }
        try Output.write([JSONLayout.text(config)])
    }
}
