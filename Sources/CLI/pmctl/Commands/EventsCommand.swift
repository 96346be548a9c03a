import ArgumentParser
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows what happens on hosts, until Ctrl-C: the lines of their logs.",
        discussion: """
            Example: pmctl events
            Example: pmctl events alpha beta --level warning

            Starts, exits, restarts, failures, changes of health, connections and refused requests. With --json every \
            event is a line, as the agent sent it. Nothing is repeated: what happens while the broker is away is in \
            the log of the host only. For the present state, and changes of it: pmctl watch
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The hosts. (default: all)", completion: .hosts, transform: Arguments.host) var hosts: [HostName] =
        []
    @Option(
        help: "The least level that is shown: info, warning or error.",
        completion: .list(EventLevel.allCases.map(\.rawValue)))
    var level = EventLevel.info
    @Option(help: ArgumentHelp("End after n events.", valueName: "n")) var count: Int?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    }

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        do { try follow(bus) } catch CommandError.interrupted {}
    }

    private func follow(_ bus: Bus) throws(CommandError) {
        if !hosts.isEmpty {
            let fleet = try bus.fleet(hosts.map { "\(Topic.status($0))" })
            for host in hosts { try bus.requireHost(host, in: fleet) }
        }
        bus.livesOn = true
        for filter in hosts.isEmpty ? [Topic.everyEvent] : hosts.map({ "\(Topic.event($0))" }) { bus.subscribe(filter) }
        var left = count
        while left != 0 {
            guard let message = try bus.next(before: nil), case .event(let host) = Topic(message.topic),
                let event = message.json.map({ EventReport($0, of: host) }), event.level >= level
            else { continue }
            if options.json {
                try Output.write(event.json)
            } else {
                let time = Quantity.time(event.timestamp ?? WallClock.now)
                try Output.write([EventLine.text(event, time: time, for: .standardOutput)])
            }
            left = left.map { $0 - 1 }
        }
    }
}

extension EventLevel: ExpressibleByArgument {}
