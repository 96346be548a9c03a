import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

/// The host on which a node or a VM is created.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The host. (default: the least loaded)", valueName: "host"), completion: .hosts,
        transform: Arguments.host)
    var host: HostName?

    var arguments: JSON { host.map { ["host": .string($0.description)] } ?? [:] }
}

/// How a node or a VM is removed.
struct RemovalOptions: ParsableArguments {
    @Flag(help: "Also remove the nodes and VMs that run on it.") var force = false
    @OptionGroup var whereabouts: WhereaboutsOptions

    func arguments(of kind: InstanceKind, _ id: HostName) -> JSON {
        let arguments = whereabouts.arguments(of: kind, id)
        return force ? arguments.setting("force", true) : arguments
    }
}

/// The host of an existing node or VM.
struct WhereaboutsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Its host, needed if several hosts run one of this name.", valueName: "host"),
        completion: .hosts, transform: Arguments.host)
    var host: HostName?

    func arguments(of kind: InstanceKind, _ id: HostName) -> JSON {
        let arguments: JSON = ["\(kind.rawValue)_id": .string(id.description)]
        return host.map { arguments.setting("host", .string($0.description)) } ?? arguments
    }
}

/// Which nodes or VMs are listed.
struct ListOptions: ParsableArguments {
    @Flag(help: "List orphans instead: those that run but pm-cluster has no file of.") var orphans = false
    @OptionGroup var listing: ListingOptions
}

/// The process to start on a node or in a VM.
struct ProgramOptions: ParsableArguments {
    @OptionGroup var environment: EnvironmentOptions
    @Option(
        help: ArgumentHelp("When the process is restarted after it ends.", valueName: "policy"),
        completion: .list(RestartRules.Policy.allCases.map(\.rawValue)))
    var restart: RestartRules.Policy?
    @Argument(help: "The program, searched in PATH on the node or VM, and its arguments.") var command: [String]

    var config: JSON {
        var config = environment.applied(to: ["command": .array(command.map { .string($0) })])
        if let restart { config = config.setting("restart", .string(restart.rawValue)) }
        return config
    }
}

extension GlobalOptions {
    /// Sends a request to pm-cluster and prints the outcome. On a terminal it also prints the states of `id` meanwhile.
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

    /// Requests a list of nodes or VMs and prints it.
    ///
    /// - Parameter key: the member of the answer that holds the list.
    func list(_ method: ClusterMethod, _ key: String, _ kind: InstanceKind, _ listing: ListingOptions) throws {
        let keys = InstanceTable.sortKeys(kind)
        _ = try listing.sorted([], by: keys)
        let bus = try connect()
        defer { bus.close() }
        let answer = try bus.request(method)
        if let error = answer.error { throw error }
        try listing.print(
            try listing.sorted(answer.result[key]?.array ?? [], by: keys), as: self,
            table: { rows, _ in InstanceTable.make(rows, kind, wallClock: WallClock.now) }, json: { $0 },
            name: { $0["\(kind.rawValue)_id"]?.string ?? "-" })
    }
}
