import ArgumentParser
import JSONCodec
import Model
import Wire

struct ApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes hosts run exactly the processes in the given files.",
        discussion: """
            Example: pmctl apply alpha web.json db.json --dry-run

            A file holds a config, an array of configs, or {"processes":[…]}; each config needs a name. All other \
            processes of the host are stopped and removed, but not those of an owner: nodes, VMs, and what was applied \
            with --owner. --dry-run only shows the changes. On a terminal it asks before it removes anything.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(
        help: "The host, or a selector of hosts such as 'edge-*,rack=7'.", completion: .hosts,
        transform: Arguments.hosts)
    var host: HostPattern
    @Argument(help: "JSON files with configs.", completion: .file(extensions: ["json"])) var files: [String]
    @OptionGroup var labels: LabelOptions
    @Option(help: "Change the processes of this owner instead of those without one.") var owner: String?
    @Flag(inversion: .prefixedNo, help: "Remove the processes that are not listed.") var prune = true
    @Flag(help: "Change nothing.") var dryRun = false
    @OptionGroup var consent: ConsentOptions

    func run() throws {
        let configs = try ConfigFile.configs(files)
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        let choice = HostChoice(patterns: [host], labels: labels.label)
        if prune, !dryRun, consent.isAsking { try askForRemovals(configs, choice, bus) }
        let action = HostAction(
            method: .apply, arguments: arguments(configs, isDryRun: dryRun), line: text(choice),
            partialFailure: { Self.failure($0) })
        try action.run(choice, options, bus)
    }

    private func arguments(_ configs: [JSON], isDryRun: Bool) -> JSON {
        var arguments: [JSON.Member] = [.init("processes", .array(configs)), .init("dry_run", .bool(isDryRun))]
        if let owner { arguments.append(.init("owner", .string(owner))) }
        if !prune { arguments.append(.init("prune", false)) }
        return .object(arguments)
    }

    /// One host gets a table, several a line each.
    private func text(_ choice: HostChoice) -> (JSON, HostName) -> [String] {
        { result, host in
            if choice.only == nil { return ["\(host): \(DifferenceTable.summary(result, isDryRun: dryRun))"] }
            return DifferenceTable.make(result, isDryRun: dryRun).lines(for: .standardOutput)
        }
    }

    private static func failure(_ result: JSON) -> CommandError? {
        let failed = result["failed"]?.array?.count ?? 0
        guard failed > 0 else { return nil }
        return .failed("\(failed) \(failed == 1 ? "process" : "processes") failed to be applied", .partly)
    }

    /// A dry run tells what would be removed. What changes between it and the answer is not asked for.
    private func askForRemovals(_ configs: [JSON], _ choice: HostChoice, _ bus: Bus) throws {
        let fleet = try bus.fleet(choice.filters)
        let online = choice.hosts(in: fleet).chosen.filter { $0.isOnline == true }.map(\.name)
        let arguments = arguments(configs, isDryRun: true)
        var removed: [String] = []
        let requests = online.map { Gathering.Request(host: $0, method: .apply, arguments: arguments) }
        try Gathering(requests, on: bus) { (index, outcome) throws(CommandError) in
            let ids = (try? outcome.get())?.result["removed"]?.array ?? []
            removed += ids.compactMap(\.string).map { online.count == 1 ? $0 : "\(online[index])/\($0)" }
        }.run()
        guard !removed.isEmpty else { return }
        let list = removed.sorted().prefix(Self.listed).joined(separator: ", ")
        let rest = removed.count > Self.listed ? ", …" : ""
        try consent.ask("Remove \(removed.count) of the processes (\(list)\(rest))?", on: bus)
    }

    /// Names in the question.
    private static let listed = 8
}
