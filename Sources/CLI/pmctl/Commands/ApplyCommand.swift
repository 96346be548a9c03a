import ArgumentParser
import JSONCodec
import Model
import Wire

struct ApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes a host run exactly the processes in the given files.",
        discussion: """
            Example: pmctl apply alpha web.json db.json --dry-run

            A file holds a config, an array of configs, or {"processes":[…]}; each config needs a name. All other \
            processes of the host are stopped and removed. --dry-run only shows the changes.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName
    @Argument(help: "JSON files with configs.", completion: .file(extensions: ["json"])) var files: [String]
    @Flag(help: "Change nothing.") var dryRun = false

    func run() throws {
        let configs = try ConfigFile.configs(files)
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        let answer = try bus.request(.apply, of: host, ["processes": .array(configs), "dry_run": .bool(dryRun)])
        if options.json { try Output.write(answer.result) }
        if let refusal = answer.refusal { throw CommandError.failed(refusal) }
        if !options.json {
            try Output.write(DifferenceTable.make(answer.result, isDryRun: dryRun).lines(for: .standardOutput))
        }
        let failed = answer.result["failed"]?.array?.count ?? 0
        if failed > 0 {
            throw CommandError.failed("\(failed) \(failed == 1 ? "process" : "processes") failed to be applied")
        }
    }
}
