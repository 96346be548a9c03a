import JSONCodec
import LinuxSystem
import Model
import Testing

@testable import pmctl

/// The findings about hosts, without a broker.
struct FleetCheckTests {
    private func check(
        _ messages: [(topic: String, text: String)], infos: [String: JSON] = [:], conflicts: [String] = [],
        clocks: [String: Double] = [:], after seconds: Double = 0
    ) -> [Finding] {
        FleetCheck(
            fleet: Samples.fleet(messages),
            infos: Dictionary(
                uniqueKeysWithValues: infos.compactMap { name, json in HostName(name).map { ($0, json) } }),
            conflicts: conflicts.compactMap(HostName.init),
            clocks: Dictionary(
                uniqueKeysWithValues: clocks.compactMap { name, clock in HostName(name).map { ($0, clock) } }),
            now: Samples.start + .seconds(seconds)
        ).findings
    }

    private static let alpha = [("pm/alpha/status", "online"), ("pm/alpha/health", Samples.health("alpha"))]
    private static let current: JSON = ["version": .string(Version.current)]

    @Test func `a fleet in order has no findings but good ones`() {
        let findings = check(Self.alpha, infos: ["alpha": Self.current], clocks: ["alpha": 0.4])
        #expect(findings.allSatisfy { $0.level == .ok } && findings.count == 3)
    }

    @Test func `no host, a stale one, a bad one, an offline one and a conflict are found`() {
        #expect(check([]).map(\.level) == [.warning])
        let stale = check(Self.alpha, infos: ["alpha": Self.current], after: 100)
        #expect(
            stale.contains {
                $0.level == .warning && $0.message.contains("alpha counts as online, but has said nothing")
            })
        let bad = check([
            ("pm/a/status", "online"), ("pm/a/health", Samples.health("a", reasons: ["process db failed"])),
        ])
        #expect(bad.contains { $0.message == "a is in bad health: process db failed" && $0.advice == "pmctl ps a" })
        let others = check([("pm/a/status", "offline"), ("pm/b/status", "online")], conflicts: ["b"])
        #expect(others.contains { $0.level == .note && $0.message == "offline: a" })
        #expect(others.contains { $0.level == .error && $0.message.contains("two agents use the name b") })
    }

    @Test func `wrong clocks are found, and whose they are`() {
        let one = check(Self.alpha, clocks: ["alpha": -90, "beta": 0])
        #expect(one.contains { $0.message == "the clock of alpha is 1m 30s behind this one" })
        let own = check(Self.alpha, clocks: ["alpha": 90, "beta": 91])
        #expect(own.contains { $0.message == "this clock is 1m 30s behind those of all 2 hosts" })
    }

    @Test func `agents of other versions are listed together`() {
        let hosts = [("pm/a/status", "online"), ("pm/b/status", "online")]
        let findings = check(hosts, infos: ["a": ["version": "0.1.0"], "b": ["version": "0.1.0"]])
        #expect(
            findings.contains {
                $0.message == "agents of version 0.1.0, pmctl has \(Version.current): a, b" && $0.level == .warning
            })
    }
}
