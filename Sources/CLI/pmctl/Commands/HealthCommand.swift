import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Shows the health of one host or of all, with the reasons.",
        discussion: "Example: pmctl health alpha\n\nA host without a health report for 2.5 intervals is stale.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host. (default: all hosts)", transform: Arguments.host) var host: HostName?

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        if let host { try showOne(host, bus) } else { try showAll(bus) }
    }

    private func showAll(_ bus: Bus) throws {
        let hosts = try bus.fleet([Topic.everyStatus, Topic.everyHealth] + Topic.hubsJudgements).all
        if options.json { return try Output.write(.array(hosts.map { $0.json(at: .now) })) }
        let table = HealthTable.make(hosts, at: .now, wallClock: WallClock.now)
        try Output.write(table.lines(for: .standardOutput))
    }

    private func showOne(_ host: HostName, _ bus: Bus) throws {
        let fleet = try bus.fleet([
            "\(Topic.status(host))", "\(Topic.health(host))", "\(Topic.hubHost(host))", "\(Topic.hub(.status))",
        ])
        try bus.requireHost(host, in: fleet)
        guard let report = fleet[host], report.isOnline == true else {
            throw CommandError.failed("host offline: \(host)")
        }
        if options.json { return try Output.write(report.json(at: .now)) }
        let card = HealthCard.make(report, at: .now, wallClock: WallClock.now)
        try Output.write(card.lines(for: .standardOutput))
    }
}
