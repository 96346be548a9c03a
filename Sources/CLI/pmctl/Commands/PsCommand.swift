import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Lists the processes of one host or of all.",
        discussion: """
            Example: pmctl ps alpha

            For one host, it asks the host's agent. For all hosts, it shows the entries that the agents left with the \
            broker; a question mark after a state says that the host is offline or stale.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host. (default: all hosts)", transform: Arguments.host) var host: HostName?

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let rows = try host.map { try bus.processes(of: $0) } ?? everywhere(bus)
        if options.json {
            return try Output.write(
                .array(rows.map { $0.process.json(of: $0.host, isOnline: $0.isOnline, isStale: $0.isStale) }))
        }
        let table = ProcessTableView.make(rows, showsHost: host == nil, wallClock: WallClock.now)
        try Output.write(table.lines(for: .standardOutput))
    }

    private func everywhere(_ bus: Bus) throws(CommandError) -> [ProcessTableView.Row] {
        try bus.fleet([Topic.everyStatus, Topic.everyHealth, Topic.everyProcess] + Topic.hubsJudgements).known.flatMap {
            host in
            host.processes.sorted { $0.key < $1.key }
                .map {
                    ProcessTableView.Row(
                        host: host.name, isOnline: host.isOnline == true, isStale: host.isStale(at: .now),
                        process: $0.value,
                        hostTime: host.time(wallClock: WallClock.now))
                }
        }
    }
}

extension Bus {
    /// The processes of a host, from the host's agent.
    func processes(of host: HostName) throws(CommandError) -> [ProcessTableView.Row] {
        let answer = try request(.getProcesses, of: host)
        if let refusal = answer.refusal { throw .failed(refusal) }
        return (answer.result["process"]?.array ?? []).compactMap(ProcessReport.init)
            .map { ProcessTableView.Row(host: host, isOnline: true, process: $0, hostTime: $0.saidAt) }
    }
}
