import ArgumentParser
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Clears what the broker retains of a host that is gone.",
        discussion: """
            Example: pmctl forget alpha

            The host's agent must be offline, or have been silent for so long that it is stale. If it comes back, it \
            publishes everything anew.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let count = try bus.forget(host)
        if options.json { return try Output.write(["host": .string(host.description), "cleared": .number(count)]) }
        try Output.write(["forgot \(host): \(count) topics are cleared"])
    }
}

extension Bus {
    /// Clears the retained topics of a host that is not online.
    ///
    /// - Returns: their number.
    fileprivate func forget(_ host: HostName) throws(CommandError) -> Int {
        let judgement = ["\(Topic.hubHost(host))", "\(Topic.hub(.status))"]
        let found = try retained([Topic.everything(of: host)] + judgement)
        var fleet = Fleet()
        for message in found { fleet.absorb(message, at: .now, wallClock: WallClock.now) }
        try requireSilence(of: host, &fleet)
        let left = found.lazy.filter { $0.isRetained && !$0.payload.isEmpty }.map(\.topic)
        let topics = Set(left).subtracting(judgement)
        guard !topics.isEmpty else {
            throw .failed(Fleet.unknown(host, among: try self.fleet([Topic.everyStatus]).names))
        }
        for topic in topics { publish(Message(topic: topic, payload: [], qos: 1, isRetained: true)) }
        // The bus is subscribed to them: what it has published comes back when the broker has cleared it.
        var pending = topics
        let deadline = answerDeadline
        while !pending.isEmpty, let message = try next(before: deadline) {
            if message.payload.isEmpty { pending.remove(message.topic) }
        }
        guard pending.isEmpty else {
            throw silence(of: "the broker", hint: "; \(pending.count) topics are not cleared")
        }
        return topics.count
    }

    /// Throws if a host is online and not stale. Without a hub, a host with a wrong clock only seems to be stale: then its
    /// next health report is waited for.
    private func requireSilence(of host: HostName, _ fleet: inout Fleet) throws(CommandError) {
        if let report = fleet[host], report.isStaleForHub == nil, let lifetime = report.health?.lifetime,
            report.isOnline == true, report.isStale(at: .now)
        {
            Output.complain("pmctl: waiting \(Quantity.seconds(lifetime)) for a sign of life of \(host)")
            let deadline = Instant.now + .seconds(lifetime)
            while fleet[host]?.isHealthLive == false, let message = try next(before: deadline) {
                fleet.absorb(message, at: .now, wallClock: WallClock.now)
            }
        }
        guard let report = fleet[host], report.isOnline == true, !report.isStale(at: .now) else { return }
        throw .failed("host \(host) is online: end its agent first (pmctl shutdown \(host))")
    }
}
