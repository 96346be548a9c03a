import TestSupport
import Testing

/// Attackers who publish in the name of others.
@Suite(.serialized) struct ImpostorTests {
    /// Every kind of topic, and some that pmqtt does not use.
    private static let topics =
        ["box", "attic", "blue", "stranger"].flatMap { host in
            ["control", "watch", "status", "health", "info", "response", "audit", "process/x", "log/x/stdout"].map {
                "pm/\(host)/\($0)"
            }
        } + ["control", "response", "hosts", "status"].map { "pm/hub/\($0)" }
        + ["node", "vm"].flatMap { kind in
            ["control", "response", "health", "x/state"].map { "pm/cluster/\(kind)/\($0)" }
        } + [
            "pm/cluster/status", "pm/reply/cluster/claim", "pm/reply/box", "pm/reply/op/x", "pm/reply/eve/x", "pm",
            "pm/box",
            "pm/box/control/x", "elsewhere",
        ]

    private static func own(_ host: String) -> [String] {
        ["status", "health", "info", "response", "audit", "process/x", "log/x/stdout"].map { "pm/\(host)/\($0)" }
    }
    private static let inboxes = ["pm/reply/box", "pm/reply/op/x", "pm/reply/eve/x", "pm/hub/response"]
    private static let controls =
        ["box", "attic", "blue", "stranger", "hub", "cluster/node", "cluster/vm"].map { "pm/\($0)/control" }

    private static let watches = ["box", "attic", "blue", "stranger"].map { "pm/\($0)/watch" }

    /// The topics that each user may publish on.
    private static let rights: [(String, Set<String>)] = [
        ("box", Set(own("box") + inboxes)), ("guests", Set(own("blue") + inboxes)),
        ("eve", Set(watches + ["pm/reply/eve/x"])),
        ("op", Set(controls + watches + ["pm/reply/op/x"])),
        ("pm-cluster", Set(topics).subtracting(["pm/hub/hosts", "pm/hub/status", "elsewhere"])),
    ]

    /// The messages have no effect and are not retained.
    @Test func `each user may publish what its role needs and nothing else`() async throws {
        try await SecureFleet.with { fleet in
            for (user, allowed) in Self.rights {
                let client = try await fleet.client(user)
                for topic in Self.topics {
                    // Skip permitted topics on which `{}` would be taken for a message of the host or of pm-cluster.
                    let isHeard = topic.hasSuffix("/status") || topic == "pm/reply/cluster/claim"
                    if isHeard, allowed.contains(topic) { continue }
                    let code = try await client.publish(topic, "{}", properties: .init(expiryInterval: 1))
                    #expect((code != 0x87) == allowed.contains(topic), "\(user) on \(topic): \(code)")
                }
            }
        }
    }

    @Test(arguments: [TestClient.Version.v311, .v5])
    func `a host cannot publish for another host, send it requests or read its requests`(
        version: TestClient.Version
    ) async throws {
        try await SecureFleet.with { fleet in
            let eve = try await fleet.client("eve")
            let box = try await fleet.client("box", .init(version: version))
            for filter in ["#", "pm/#", "pm/+/control", "pm/attic/control", "$share/x/pm/attic/control", "$SYS/#"] {
                // A broker with an ACL file accepts every subscription; only the delivered messages count.
                try? await box.subscribe(filter)
            }
            for what in ["health", "info", "process/x", "log/x/stdout", "response", "control"] {
                try await eve.subscribe("pm/attic/\(what)")
            }
            try await eve.settle(below: "pm/reply/eve")
            eve.takeAll()
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]}}"#
            try await box.publish("pm/attic/control", start)
            try await box.publish("pm/hub/control", #"{"host_name":"attic",\#(start.dropFirst())"#)
            try await box.publish(
                "pm/attic/health", #"{"host":"attic","health":"bad","reasons":["lies"]}"#, retain: true)
            try await box.publish("pm/attic/info", #"{"host":"attic","version":"0"}"#, retain: true)
            try await box.publish("pm/attic/status", "offline", retain: true)
            try await box.publish("pm/attic/process/x", #"{"process_id":"x"}"#, retain: true)
            try await box.publish("pm/attic/log/x/stdout", "lies")
            // Clearing a retained message is publishing, too.
            for what in ["info", "health", "status"] { try await box.publish("pm/attic/\(what)", "", retain: true) }
            try await box.publish("pm/hub/hosts", "", retain: true)
            try await box.publish("pm/cluster/status", "offline", retain: true)
            try await eve.settle(below: "pm/reply/eve")
            let lies = eve.messages.filter { !$0.topic.hasSuffix("/health") || $0.text.contains("lies") }
            #expect(lies.isEmpty, "\(lies)")
            _ = try await fleet.ask("pm/attic/control", .call("get_processes"))
            try await box.settle(below: "pm/box/process")
            let seen = box.messages.filter { !$0.topic.hasPrefix("pm/box/") }
            #expect(seen.isEmpty, "\(seen)")
        }
    }

    @Test func `the audit log names the authenticated user, not the user that a request claims`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op", .init(id: "liar"))
            try await op.subscribe("pm/reply/op/audit")
            let lies = Message.Properties(
                responseTopic: "pm/reply/op/audit", user: [["pm-user", "eve"], ["pm-client", "pmctl-1"]])
            for (topic, id) in [("pm/box/control", "direct"), ("pm/hub/control", "routed")] {
                try await op.publish(
                    topic, #"{"host_name":"box","method":"get_health","id":"\#(id)"}"#, properties: lies)
                _ = try await op.next(on: "pm/reply/op/audit")
                // An agent writes the lines of reading requests when it is idle, after the answers.
                var line: Substring?
                try await eventually("the line of \(id)") {
                    let lines = TemporaryFolder.text(of: "\(fleet.agents[0].stateDirectory)/audit.log")
                    line = lines.split(separator: "\n").last { $0.contains(#""\#(id)""#) }
                    return line != nil
                }
                let entry = try JSONValue(String(try #require(line)))
                #expect(entry["user"] == "op" && entry["client"] == "liar", "\(entry)")
            }
        }
    }

    /// A host sends a health message on its own topic that names another host.
    @Test func `health counts for the host in the topic, not for the one in the message`() async throws {
        try await SecureFleet.with { fleet in
            let box = try await fleet.client("box")
            try await box.publish("pm/box/health", #"{"host":"attic","health":"bad","reasons":["lies"],"interval":1}"#)
            try await box.publish("pm/box/process/attic", "", retain: true)
            let hosts = try await fleet.ask("pm/hub/control", .listHosts)["list_hosts"]?["hosts"]?.array
            #expect(hosts?.count == 2)
        }
    }
}
