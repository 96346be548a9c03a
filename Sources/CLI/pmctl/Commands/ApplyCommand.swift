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
            processes of the host are stopped and removed, but not those of an owner: nodes, VMs, and what was applied \
            with --owner. --dry-run only shows the changes.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName
    @Argument(help: "JSON files with configs.", completion: .file(extensions: ["json"])) var files: [String]
    @Option(help: "Change the processes of this owner instead of those without one.") var owner: String?
    @Flag(inversion: .prefixedNo, help: "Remove the processes that are not listed.") var prune = true
    @Flag(help: "Change nothing.") var dryRun = false

    func run() throws {
        let configs = try ConfigFile.configs(files)
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        var arguments: [JSON.Member] = [.init("processes", .array(configs)), .init("dry_run", .bool(dryRun))]
        if let owner { arguments.append(.init("owner", .string(owner))) }
        if !prune { arguments.append(.init("prune", false)) }
        let answer = try bus.request(.apply, of: host, .object(arguments))
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
