import ArgumentParser
import JSONCodec
import LinuxSystem
import Wire

struct HostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts", abstract: "Lists hosts with their status and health.",
        discussion: """
            Example: pmctl hosts
            Example: pmctl hosts --label rack=7 --output wide --sort load

            Needs no hub: it reads the messages that agents left with the broker.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: AnyHosts
    @OptionGroup var listing: ListingOptions

    func run() throws {
        _ = try listing.sorted([], by: HostTableView.sortKeys)
        let bus = try options.connect()
        defer { bus.close() }
        let topics = [Topic.everyStatus, Topic.everyHealth, Topic.everyInfo] + Topic.hubsJudgements
        let (hosts, failures) = target.choice.hosts(in: try bus.fleet(topics))
        try listing.print(
            try listing.sorted(hosts, by: HostTableView.sortKeys), as: options,
            table: { HostTableView.make($0, at: .now, isWide: $1) }, json: { $0.json(at: .now) },
            name: { "\($0.name)" })
        try CommandError.tell(failures, isPartly: !hosts.isEmpty)
    }
}
