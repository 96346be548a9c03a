import ArgumentParser
import JSONCodec
import Model
import Wire

/// Where a node or a VM goes.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The host. (default: the least loaded)", valueName: "host"), transform: Arguments.host)
    var host: HostName?

    var arguments: JSON { host.map { ["host": .string($0.description)] } ?? [:] }
}

/// How a node or a VM is removed.
struct RemovalOptions: ParsableArguments {
    @Flag(help: "Also the nodes and VMs that it holds.") var force = false
    @OptionGroup var whereabouts: WhereaboutsOptions

    func arguments(of kind: InstanceKind, _ id: HostName) -> JSON {
        let arguments = whereabouts.arguments(of: kind, id)
        return force ? arguments.setting("force", true) : arguments
    }
}

/// Where a node or a VM is.
struct WhereaboutsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Its host, where several run one of this name.", valueName: "host"),
        transform: Arguments.host)
    var host: HostName?

    func arguments(of kind: InstanceKind, _ id: HostName) -> JSON {
        let arguments: JSON = ["\(kind.rawValue)_id": .string(id.description)]
        return host.map { arguments.setting("host", .string($0.description)) } ?? arguments
    }
}

/// Which nodes or VMs are listed.
struct ListOptions: ParsableArguments {
    @Flag(help: "What runs and pm-cluster has no file of, instead.") var orphans = false
}

/// What is to run on a node or in a VM.
struct ProgramOptions: ParsableArguments {
    @OptionGroup var environment: EnvironmentOptions
    @Option(
        help: ArgumentHelp("When it is started again.", valueName: "policy"),
        completion: .list(RestartRules.Policy.allCases.map(\.rawValue)))
    var restart: RestartRules.Policy?
    @Argument(help: "The program, searched in PATH there, and its arguments.") var command: [String]

    var config: JSON {
        var config = environment.applied(to: ["command": .array(command.map { .string($0) })])
        if let restart { config = config.setting("restart", .string(restart.rawValue)) }
        return config
    }
}

extension GlobalOptions {
    /// Asks pm-cluster, and prints what came of it.
    func ask(
        _ method: ClusterMethod, _ arguments: JSON, watching id: HostName? = nil, as line: (JSON) -> String
    ) throws {
        let bus = try connect(defaultTimeout: Self.clusterTimeout)
        defer { bus.close() }
        let showsProgress = !json && Terminal.isInteractive
        var lastLine: String?
        let answer = try bus.request(method, arguments, watching: id) { state throws(CommandError) in
            guard showsProgress, let id, state["state"]?.string != InstanceState.running.rawValue else { return }
            let line = InstanceLine.text(id, state)
            if line != lastLine { try Output.write([Printable.line(line)], to: .stderr) }
            lastLine = line
        }
        try show(answer, as: line)
    }

    /// Asks for a list, and prints it as a table or with `--json` as it came.
    func list(_ method: ClusterMethod, _ key: String, as table: ([JSON]) -> Table) throws {
        let bus = try connect()
        defer { bus.close() }
        let answer = try bus.request(method)
        if let refusal = answer.refusal { throw CommandError.failed(refusal) }
        let entries = answer.result[key]?.array ?? []
        if json { return try Output.write(.array(entries)) }
        try Output.write(table(entries).lines(for: .standardOutput))
    }
}
