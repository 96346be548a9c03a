import ArgumentParser
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows what a host is: versions, labels, drivers, limits.",
        discussion: """
            Example: pmctl info alpha

            It shows what the agent has left with the broker, also of a host that is offline. For what the host does \
            now: pmctl health alpha
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", completion: .hosts, transform: Arguments.host) var host: HostName

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        var fleet = Fleet()
        var info: JSON?
        let topics: [Topic] = [.status(host), .health(host), .info(host), .hubHost(host), .hub(.status)]
        for message in try bus.retained(topics.map { "\($0)" }) {
            fleet.absorb(message, at: .now, wallClock: WallClock.now)
            if case .info(host) = Topic(message.topic) { info = message.json }
        }
        try bus.requireHost(host, in: fleet)
        guard let report = fleet[host] else { return }
        if options.json { return try Output.write(InfoCard.json(report, info ?? [:])) }
        try Output.write(InfoCard.make(report, info ?? [:], at: .now).lines(for: .standardOutput))
    }
}
