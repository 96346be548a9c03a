import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Shows the health of hosts, with the reasons.",
        discussion: """
            Example: pmctl health alpha

            A host without a health report for 2.5 intervals is stale. The exit code is \(ExitReason.badHealth.rawValue) \
            if the health of a host is bad or stale, and \(ExitReason.offline.rawValue) if a host is offline.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: AnyHosts
    @OptionGroup var listing: ListingOptions

    func run() throws {
        _ = try listing.sorted([], by: HealthTable.sortKeys)
        let bus = try options.connect()
        defer { bus.close() }
        if let host = target.choice.only, listing.output == nil { try showOne(host, bus) } else { try showAll(bus) }
    }

    private func showAll(_ bus: Bus) throws {
        let choice = target.choice
        let fleet = try bus.fleet(
            [Topic.everyStatus, Topic.everyHealth] + (choice.labels.isEmpty ? [] : [Topic.everyInfo])
                + Topic.hubsJudgements)
        let (hosts, failures) = choice.hosts(in: fleet)
        try listing.print(
            try listing.sorted(hosts, by: HealthTable.sortKeys), as: options,
            table: { rows, _ in HealthTable.make(rows, at: .now, wallClock: WallClock.now) },
            json: { $0.json(at: .now) }, name: { "\($0.name)" })
        try CommandError.tell(failures, isPartly: !hosts.isEmpty)
        if let worst = ExitReason.worst(hosts.compactMap { $0.ill(at: .now) }) { throw CommandError.told(worst) }
    }

    private func showOne(_ host: HostName, _ bus: Bus) throws {
        let fleet = try bus.fleet([
            "\(Topic.status(host))", "\(Topic.health(host))", "\(Topic.hubHost(host))", "\(Topic.hub(.status))",
        ])
        try bus.requireHost(host, in: fleet)
        guard let report = fleet[host], report.isOnline == true else {
            throw CommandError.failed("host offline: \(host)", .offline)
        }
        if options.json {
            try Output.write(report.json(at: .now))
        } else {
            let card = HealthCard.make(report, at: .now, wallClock: WallClock.now)
            try Output.write(card.lines(for: .standardOutput))
        }
        if let reason = report.ill(at: .now) { throw CommandError.told(reason) }
    }
}
