import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `pmctl doctor`: looks at the way to the broker, at the account's rights, at hub and pm-cluster, and at the hosts.
struct Doctor {
    let address: BrokerAddress
    let origin: String
    /// Seconds for each answer.
    let patience: Double
    /// Called with each finding as soon as there is one.
    let report: (Finding) throws(CommandError) -> Void

    func examine() throws(CommandError) {
        let check = BrokerCheck(address: address, origin: origin, patience: patience)
        let way = check.reach()
        for finding in way { try report(finding) }
        guard !way.contains(where: { $0.level == .error }) else { return }
        let bus: Bus
        do throws(CommandError) { bus = try Bus(address, timeout: patience) } catch {
            guard let reason = error.text else { throw error }
            return try report(check.refusal(reason))
        }
        defer { bus.close() }
        for finding in check.loggedIn() { try report(finding) }
        try examine(bus)
    }

    private func examine(_ bus: Bus) throws(CommandError) {
        let messages: [Message]
        do throws(CommandError) {
            messages = try bus.retained(
                [Topic.everyStatus, Topic.everyHealth, Topic.everyInfo, "\(Topic.clusterStatus)"] + Topic.hubsJudgements
            )
        } catch {
            guard let reason = error.text else { throw error }
            return try report(
                .error(
                    "rights", reason,
                    "the account must read and write \(bus.inboxes): broker/user.sh gives operators and viewers that right"
                ))
        }
        var fleet = Fleet()
        for message in messages { fleet.absorb(message, at: .now, wallClock: WallClock.now) }
        let online = fleet.known.filter { $0.isOnline == true }.map(\.name)
        let isHubOnline = messages.contains { $0.topic == "\(Topic.hub(.status))" && $0.text == "online" }
        let isClusterOnline = messages.contains { $0.topic == "\(Topic.clusterStatus)" && $0.text == "online" }
        try examineRights(asking: online.first { fleet[$0]?.isStale(at: .now) == false }, isHubOnline, isClusterOnline)
        let hosts = FleetCheck(
            fleet: fleet, infos: payloads(messages) { if case .info(let host) = $0 { host } else { nil } },
            conflicts: payloads(messages) { if case .hubHost(let host) = $0 { host } else { nil } }
                .filter { $0.value["conflict"]?.bool == true }.keys.sorted(),
            clocks: try clocks(of: online, bus), now: .now)
        for finding in hosts.findings { try report(finding) }
    }

    /// The JSON payloads on the topics for which `host` returns a host.
    private func payloads(_ messages: [Message], of host: (Topic) -> HostName?) -> [HostName: JSON] {
        let pairs = messages.compactMap { message -> (HostName, JSON)? in
            guard let host = Topic(message.topic).flatMap(host), let json = message.json else { return nil }
            return (host, json)
        }
        return Dictionary(pairs) { _, last in last }
    }

    // MARK: Rights

    private func examineRights(
        asking host: HostName?, _ isHubOnline: Bool, _ isClusterOnline: Bool
    ) throws(CommandError) {
        let rights = RightsCheck { try Bus(address, timeout: min(patience, Limits.doctorPatience)) }
        if let host {
            try report(
                finding(
                    rights.ask(.watch(host)), may: "read what hosts run (asked \(host))", role: "viewer",
                    silence: "its agent may be older than 0.3"))
            try report(
                finding(
                    rights.ask(.control(host)), may: "start and stop processes (asked \(host))", role: "operator",
                    silence: "\(host) may be busy"))
        }
        if host == nil { try report(.note("rights", "no host is online that could be asked what the account may do")) }
        try examineHub(rights, asking: host, isHubOnline)
        guard isClusterOnline else {
            return try report(.note("cluster", "no pm-cluster is online: no nodes and no VMs"))
        }
        try report(
            finding(
                rights.ask(.clusterControl(.node)), may: "ask pm-cluster for nodes and VMs", role: "operator",
                silence: "pm-cluster may be busy"))
    }

    private func finding(
        _ outcome: RightsCheck.Outcome, may deed: String, role: String, silence: String
    ) -> Finding {
        switch outcome {
        case .answered: .ok("rights", "the account may \(deed)")
        case .refused:
            .note(
                "rights", "the account may not \(deed)",
                "if it should: broker/user.sh add DIR NAME \(role), on the broker's host")
        case .silent:
            .warning(
                "rights", "no answer when asked whether the account may \(deed)",
                "it may not (a broker with MQTT 3.1.1 does not tell), or \(silence)")
        }
    }

    private func examineHub(_ rights: RightsCheck, asking host: HostName?, _ isOnline: Bool) throws(CommandError) {
        guard isOnline else {
            return try report(
                .note(
                    "hub", "the broker has no hub: pmctl works all the same, requests on pm/hub/control do not",
                    "to have one: plugin libpm_hub.so in mosquitto.conf, docs/protocol.md"))
        }
        switch rights.askHub() {
        case .refused:
            return try report(.note("hub", "it is online; this account may not ask it, so no more can be told"))
        case .silent:
            return try report(
                .warning(
                    "hub", "it is said to be online, but does not answer",
                    "the broker may have been started without the plugin: look at its log"))
        case .answered: break
        }
        switch host.flatMap(rights.isHubCareless) {
        case true?:
            try report(
                .error(
                    "hub", "it does not check what clients may do, although the broker does",
                    "set plugin_opt_acl_file to the broker's acl_file in mosquitto.conf, and restart the broker"))
        case false?: try report(.ok("hub", "it answers, and checks what clients may do"))
        case nil: try report(.ok("hub", "it answers (nothing restricts this account, so its checks are not seen)"))
        }
    }

    // MARK: Clocks

    /// The clocks of hosts, from their answers; none where there is no answer in time.
    private func clocks(of hosts: [HostName], _ bus: Bus) throws(CommandError) -> [HostName: Double] {
        var asked: [String: HostName] = [:]
        for host in hosts.prefix(Limits.doctorHosts) {
            asked[bus.send(Method.getHealth.rawValue, to: .watch(host), [:], nil)] = host
        }
        var clocks: [HostName: Double] = [:]
        let deadline = Instant.now + .seconds(min(patience, Limits.doctorPatience))
        do throws(CommandError) {
            while !asked.isEmpty, let message = try bus.next(before: deadline) {
                guard message.topic == bus.inbox, let json = message.json, let result = json["result"],
                    let id = (json["id"] ?? json["request"]?["id"])?.string, let host = asked.removeValue(forKey: id),
                    let timestamp = result["timestamp"]?.number
                else { continue }
                clocks[host] = timestamp - WallClock.now
            }
        } catch {
            // The account may not ask.
            if case .interrupted = error { throw error }
        }
        return clocks
    }
}
