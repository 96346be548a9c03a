import ArgumentParser
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Clears what the broker retains of hosts that are gone.",
        discussion: """
            Example: pmctl forget alpha

            A host's agent must be offline, or have been silent for so long that it is stale. If it comes back, it \
            publishes everything anew. Selectors choose only hosts that are offline. On a terminal it asks first.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: SomeHosts
    @OptionGroup var consent: ConsentOptions

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let choice = target.choice
        var log = OutcomeLog(isMany: choice.only == nil, isJSON: options.json)
        // A host of which only leftovers are there, without a status, can be named.
        var hosts = choice.patterns.compactMap(\.name)
        if choice.only == nil {
            let selectors = choice.patterns.filter { $0.name == nil }
            let others = HostChoice(patterns: selectors, labels: choice.labels)
            let (chosen, missing) = others.hosts(in: try bus.fleet(choice.filters))
            for failure in missing { log.fail(failure) }
            let gone = chosen.filter { $0.isOnline == false && !selectors.isEmpty }.map(\.name)
            hosts += gone.filter { !hosts.contains($0) }
        }
        if let first = hosts.first {
            let name = hosts.count == 1 ? "\(first)" : "\(hosts.count) hosts"
            try consent.ask("Forget \(name)?", on: bus)
        }
        for (index, host) in hosts.enumerated() {
            let place = RequestPlace(host: host)
            do {
                let count = try bus.forget(host)
                let result: JSON = ["host": .string(host.description), "cleared": .number(count)]
                try log.succeed(index, place, ["forgot \(host): \(count) topics are cleared"], result)
            } catch {
                guard error.reason != nil else { throw error }
                log.fail(index, place, error, nil)
            }
        }
        try log.finish()
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
            throw .failed(Fleet.unknown(host, among: try self.fleet([Topic.everyStatus]).names), .missing)
        }
        for topic in topics { publish(Message(topic: topic, payload: [], qos: 1, isRetained: true)) }
        // The bus is subscribed to them: what it has published comes back when the broker has cleared it.
        var pending = topics
        let deadline = answerDeadline
        while !pending.isEmpty, let message = try next(before: deadline) {
            if message.payload.isEmpty { pending.remove(message.topic) }
        }
        guard pending.isEmpty else {
            throw silence(of: "the broker", hint: "; \(pending.count) topics are not cleared", reason: .failure)
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
