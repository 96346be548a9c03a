import JSONCodec
import LinuxSystem
import Model

/// What is wrong with the hosts. Pure: all that was read comes in as values.
struct FleetCheck {
    let fleet: Fleet
    /// The payloads of `pm/<host>/info`.
    let infos: [HostName: JSON]
    /// The hosts that two agents use, as the hub has found.
    let conflicts: [HostName]
    /// By how many seconds hosts' clocks are ahead (negative: behind), as their answers have just shown.
    let clocks: [HostName: Double]
    let now: Instant

    private static let subject = "hosts"

    var findings: [Finding] {
        let hosts = fleet.known
        let online = hosts.filter { $0.isOnline == true }
        guard !hosts.isEmpty else {
            return [
                .warning(
                    Self.subject, "the broker knows no host",
                    "start an agent (pm-agent --host NAME --broker URL), or look at whether this account may read pm/#")
            ]
        }
        let stale = online.filter { $0.isStale(at: now) }
        var findings: [Finding] = [.ok(Self.subject, "\(online.count) of \(hosts.count) online")]
        findings += conflicts.map(conflict) + stale.map(self.stale)
        findings += online.filter { $0.health?.verdict == .bad && !$0.isStale(at: now) }.map(bad)
        findings += clockFindings + versions(online)
        let offline = hosts.filter { $0.isOnline == false }
        if !offline.isEmpty {
            findings.append(
                .note(
                    Self.subject, "offline: \(list(offline.map(\.name)))",
                    "if a host is gone for good: pmctl forget HOST"))
        }
        return findings
    }

    private func conflict(_ host: HostName) -> Finding {
        .error(
            Self.subject, "two agents use the name \(host), so requests may reach either",
            "give one of them another name (--host, or host in its agent.json) and restart it")
    }

    private func stale(_ host: HostReport) -> Finding {
        let silent = host.health?.lifetime.rounded() ?? 0
        return .warning(
            Self.subject,
            "\(host.name) counts as online, but has said nothing for more than \(Quantity.duration(silent))",
            "its network or the host itself hangs: look at it there; when it is gone for good, pmctl forget \(host.name)"
        )
    }

    private func bad(_ host: HostReport) -> Finding {
        let reasons = host.health?.reasons.joined(separator: "; ") ?? ""
        return .warning(Self.subject, "\(host.name) is in bad health: \(reasons)", "pmctl ps \(host.name)")
    }

    // MARK: Clocks

    private var clockFindings: [Finding] {
        let wrong = clocks.filter { $0.value.magnitude >= Limits.clockSkewShown }.sorted { $0.key < $1.key }
        guard !clocks.isEmpty else { return [] }
        guard let first = wrong.first else { return [.ok("clocks", "all agree with this one within seconds")] }
        let isOwn = wrong.count > 1 && wrong.count == clocks.count && wrong.allSatisfy { $0.value * first.value > 0 }
        if isOwn {
            return [
                .warning(
                    "clocks", "this clock is \(skew(-first.value)) those of all \(wrong.count) hosts",
                    "set this computer's clock (timedatectl set-ntp true)")
            ]
        }
        return wrong.map { host, seconds in
            .warning(
                "clocks", "the clock of \(host) is \(skew(seconds)) this one",
                "set it there (timedatectl set-ntp true): a host refuses requests that its clock finds too old")
        }
    }

    private func skew(_ seconds: Double) -> String {
        "\(Quantity.duration(seconds.magnitude)) \(seconds < 0 ? "behind" : "ahead of")"
    }

    // MARK: Versions

    private func versions(_ online: [HostReport]) -> [Finding] {
        var hosts: [String: [HostName]] = [:]
        for host in online {
            let version = infos[host.name]?["version"]?.string ?? host.health?.version ?? "unknown"
            hosts[version, default: []].append(host.name)
        }
        let others = hosts.filter { $0.key != Version.current }.sorted { $0.key < $1.key }
        if others.isEmpty { return online.isEmpty ? [] : [.ok("versions", "all agents have \(Version.current)")] }
        return others.map { version, hosts in
            .warning(
                "versions", "agents of version \(version), pmctl has \(Version.current): \(list(hosts))",
                "upgrade the older side; an upgrade stops no process")
        }
    }

    private func list(_ hosts: [HostName]) -> String {
        hosts.prefix(8).map(\.description).joined(separator: ", ")
            + (hosts.count > 8 ? " and \(hosts.count - 8) more" : "")
    }
}
