import JSONCodec
import Model
import TestSupport
import Testing

/// `pmctl doctor` end to end.
@Suite(.serialized) struct DoctorTests {
    private func findings(_ pmctl: Pmctl, _ options: String...) async throws -> (Pmctl.Result, [JSON]) {
        let result = try await pmctl.start(["doctor", "--json"] + options).result()
        return (result, try Samples.json(result.output).array ?? [])
    }

    private func has(_ findings: [JSON], _ level: String, _ check: String, _ text: String) -> Bool {
        findings.contains {
            $0["level"]?.string == level && $0["check"]?.string == check
                && $0["message"]?.string?.contains(text) == true
                && (level == "ok" || $0["advice"]?.string?.isEmpty == false)
        }
    }

    @Test func `a broker that can't be reached is told with the step that fails`() async throws {
        let port = try await findings(Pmctl(url: "mqtt://127.0.0.1:1"))
        #expect(has(port.1, "error", "broker", "mqtt://127.0.0.1:1: connection refused") && port.0.exitCode == 111)
        let text = try await Pmctl(url: "mqtt://127.0.0.1:1").run("doctor")
        #expect(text.lines.count == 2 && text.lines[1].hasPrefix("                   → start the broker there"))
        #expect(text.errors == "pmctl: 1 error\n")
        let name = try await findings(Pmctl(url: "mqtt://no-such-host.invalid"))
        #expect(has(name.1, "error", "broker", "the name no-such-host.invalid has no address") && name.1.count == 1)
        try await withBroker(.init(tcp: true)) { broker in
            let tls = try await findings(Pmctl(url: "mqtts://127.0.0.1:\(broker.port)"), "--timeout", "5")
            #expect(has(tls.1, "ok", "broker", "accepts connections") && tls.1.last?["check"] == "TLS", "\(tls)")
        }
    }

    @Test func `an open broker with hub and agent is in order`() async throws {
        try await withAgent(broker: .init(hub: true)) { bench in
            let (result, findings) = try await findings(Pmctl(bench.broker))
            #expect(has(findings, "ok", "login", "without a user name"), "\(result)")
            #expect(has(findings, "ok", "rights", "read what hosts run (asked h1)"))
            #expect(has(findings, "ok", "rights", "start and stop processes (asked h1)"))
            #expect(has(findings, "ok", "hub", "it answers") && has(findings, "ok", "hosts", "1 of 1 online"))
            #expect(has(findings, "ok", "clocks", "agree") && has(findings, "ok", "versions", Version.current))
            #expect(result.exitCode == 0 && !findings.contains { $0["level"] == "error" || $0["level"] == "warning" })
            let text = try await Pmctl(bench.broker).run("doctor").output
            #expect(text.contains("ok       hub       it answers"))
        }
    }

    /// Users of a broker with an ACL, and an agent that may do everything.
    private func withRights(_ hub: String, _ body: (AgentBench, _ url: (String) -> String) async throws -> Void)
        async throws
    {
        let lists = try TemporaryFolder()
        try lists.write(
            """
            topic readwrite #
            user viewer
            topic read pm/#
            topic write pm/+/watch
            topic write pm/reply/viewer/#
            user operator
            topic read pm/#
            topic write pm/+/control
            topic write pm/+/watch
            topic write pm/hub/control
            topic write pm/reply/operator/#
            user nobody
            topic read pm/#
            """, to: "acl")
        let extra =
            ["allow_anonymous true", "acl_file \(lists.path)/acl"] + (hub.isEmpty ? [] : ["\(hub) \(lists.path)/acl"])
        var options = Broker.Options(hub: true, extra: extra)
        options.tcp = true
        try await withAgent(broker: options) { bench in
            try await body(bench) { "mqtt://\($0)@127.0.0.1:\(bench.broker.port)" }
        }
    }

    @Test func `rights are those of the account, and a hub that checks them is told from one that does not`()
        async throws
    {
        try await withRights("plugin_opt_acl_file") { bench, url in
            let viewer = try await findings(Pmctl(url: url("viewer")))
            #expect(has(viewer.1, "ok", "rights", "read what hosts run"), "\(viewer)")
            #expect(has(viewer.1, "note", "rights", "may not start and stop processes") && viewer.0.exitCode == 0)
            let operators = try await findings(Pmctl(url: url("operator")))
            #expect(has(operators.1, "ok", "rights", "start and stop processes"), "\(operators)")
            #expect(has(operators.1, "ok", "hub", "checks what clients may do"))
            let nothing = try await findings(Pmctl(url: url("nobody")), "--timeout", "2")
            #expect(has(nothing.1, "error", "rights", "no answer from the broker") && nothing.0.exitCode == 111)
        }
        try await withRights("") { bench, url in
            let operators = try await findings(Pmctl(url: url("operator")))
            #expect(has(operators.1, "error", "hub", "it does not check what clients may do"), "\(operators)")
        }
    }
}
