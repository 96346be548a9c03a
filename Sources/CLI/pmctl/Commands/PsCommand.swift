import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Lists the processes of hosts.",
        discussion: """
            Example: pmctl ps alpha
            Example: pmctl ps 'edge-*' --running --sort uptime

            For one host, it asks the host's agent. For several, it shows the entries that the agents left with the \
            broker; a question mark after a state says that the host is offline or stale.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: AnyHosts
    @OptionGroup var listing: ListingOptions
    @Flag(help: "Only processes that run.") var running = false
    @Flag(help: "Also show what the processes use: processor time, memory, tasks.") var usage = false

    func run() throws {
        _ = try listing.sorted([], by: ProcessTableView.sortKeys + (usage ? UsageColumns.sortKeys { _ in nil } : []))
        let bus = try options.connect()
        defer { bus.close() }
        let choice = target.choice
        var (rows, failures) = try choice.only.map { (try bus.processes(of: $0), []) } ?? left(choice, bus)
        if running { rows.removeAll { $0.process.pid == nil } }
        let isOne = choice.only != nil
        let usages = try usage ? bus.usages(of: Set(rows.filter(\.isOnline).map(\.host))) : [:]
        func used(_ row: ProcessTableView.Row) -> Usage? { usages[row.host]?[row.process.id] }
        try listing.print(
            try listing.sorted(rows, by: ProcessTableView.sortKeys + (usage ? UsageColumns.sortKeys(used) : [])),
            as: options,
            table: { rows, isWide in
                let table = ProcessTableView.make(rows, showsHost: !isOne, wallClock: WallClock.now, isWide: isWide)
                return usage ? UsageColumns.adding(to: table, rows, used, wallClock: WallClock.now) : table
            },
            json: { row in
                let json = row.process.json(of: row.host, isOnline: row.isOnline, isStale: row.isStale)
                return used(row).map { json.setting("usage", $0.json) } ?? json
            },
            name: { isOne ? $0.process.id : "\($0.host) \($0.process.id)" })
        try CommandError.tell(failures, isPartly: !rows.isEmpty)
    }

    private func left(_ choice: HostChoice, _ bus: Bus) throws(CommandError) -> (
        [ProcessTableView.Row], [CommandError]
    ) {
        let topics = [Topic.everyStatus, Topic.everyHealth, Topic.everyInfo, Topic.everyProcess]
        let (hosts, failures) = choice.hosts(in: try bus.fleet(topics + Topic.hubsJudgements))
        return (hosts.flatMap(\.rows), failures)
    }
}

extension HostReport {
    /// Its processes, as its agent left them with the broker.
    fileprivate var rows: [ProcessTableView.Row] {
        processes.sorted { $0.key < $1.key }.map {
            ProcessTableView.Row(
                host: name, isOnline: isOnline == true, isStale: isStale(at: .now), process: $0.value,
                hostTime: time(wallClock: WallClock.now))
        }
    }
}

extension Bus {
    /// The processes of a host, from its agent: by the topic for requests that only read, which agents have since 0.3,
    /// so that a viewer may ask. Where the broker does not let the user ask at all, what the agent left with it.
    func processes(of host: HostName) throws(CommandError) -> [ProcessTableView.Row] {
        let fleet = try fleet(["\(Topic.status(host))", "\(Topic.info(host))"])
        try requireHost(host, in: fleet)
        guard fleet[host]?.isOnline == true else { throw .failed("host offline: \(host)", .offline) }
        for isWatching in fleet[host]?.hasWatchTopic == true ? [true, false] : [false] {
            do throws(CommandError) {
                return try processes(of: host, isWatching: isWatching)
            } catch {
                guard error.reason == .denied else { throw error }
            }
        }
        return try self.fleet(["\(Topic.health(host))", Topic.everyProcess(of: host), "\(Topic.status(host))"])[host]?
            .rows ?? []
    }

    private func processes(of host: HostName, isWatching: Bool) throws(CommandError) -> [ProcessTableView.Row] {
        let request = Gathering.Request(host: host, method: .getProcesses, arguments: [:], isWatching: isWatching)
        let answer = try outcome(of: request).get()
        if let error = answer.error { throw error }
        return (answer.result["process"]?.array ?? []).compactMap(ProcessReport.init)
            .map { ProcessTableView.Row(host: host, isOnline: true, process: $0, hostTime: $0.saidAt) }
    }
}
