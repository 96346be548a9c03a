import Glibc
import TestSupport
import Testing

/// An agent behind a link that loses, delays and stops packets, and changes its address.
@Suite(
    .serialized, .enabled(if: PrivateNetwork.obstacle == nil, Comment(rawValue: PrivateNetwork.obstacle ?? "")))
struct BadLinkTests {
    struct Place {
        let link: BadLink
        let agent: AgentProcess
        /// The agent's network.
        let network: PrivateNetwork
        /// A client at the broker's side of the link.
        let client: TestClient

        /// Sends a request at QoS 1.
        func send(_ method: String, _ arguments: JSONValue, id: String) async throws {
            let request: JSONValue = [
                "method": .string(method), "args": arguments, "id": .string(id), "reply_to": .string("pm/reply/\(id)"),
                "timestamp": .number(Double(time(nil))),
            ]
            try await client.publish("pm/h1/control", request.text)
        }

        func answer(_ id: String) async throws -> JSONValue? {
            try await client.next(on: "pm/reply/\(id)", within: .seconds(180)).value["result"]
        }

        func status(_ text: String) async throws {
            _ = try await client.next(within: .seconds(180)) { $0.topic == "pm/h1/status" && $0.text == text }
        }
    }

    private func withLink(_ body: (Place) async throws -> Void) async throws {
        let (ours, theirs) = (try await PrivateNetwork(), try await PrivateNetwork())
        let link = try await BadLink(ours, theirs)
        try await withBroker(.init(extra: ["listener 1883 10.9.0.1"], wrapper: ours.inside)) { broker in
            let options = AgentProcess.Options(
                configuration: #"{"keep_alive":10,"request_ttl":600,"policy":{"allow":["/**"]}}"#,
                wrapper: theirs.inside, url: "mqtt://10.9.0.1:1883")
            let agent = try AgentProcess(options, url: "mqtt://10.9.0.1:1883")
            let client = try await TestClient(broker)
            for filter in ["pm/h1/status", "pm/reply/#"] { try await client.subscribe(filter) }
            do {
                let place = Place(link: link, agent: agent, network: theirs, client: client)
                try agent.start()
                try await place.status("online")
                try await body(place)
                try await agent.stop()
                #expect(agent.descendants.isEmpty)
            } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)") }
        }
    }

    @Test func `over a link that loses and delays packets, every request is carried out once`() async throws {
        try await withLink { place in
            try place.link.set(loss: 15, delay: 50)
            for number in 0..<20 {
                let config: JSONValue = ["name": .string("p\(number)"), "command": "sleep 1000"]
                try await place.send("start_process", ["config": config], id: "a\(number)")
            }
            for number in 0..<20 { #expect(try await place.answer("a\(number)")?["status"] == "success") }
            try place.link.set()
            try await place.send("get_processes", [:], id: "all")
            let all = try await place.answer("all")?["process"]?.array ?? []
            #expect(all.count == 20 && all.allSatisfy { $0["restarts"] == 0 && $0["state"] == "running" })
        }
    }

    @Test func `a silent link is noticed, and processes outlive it`() async throws {
        try await withLink { place in
            try await place.send("start_process", ["config": ["name": "a", "command": "sleep 1000"]], id: "start")
            let pid = try await place.answer("start")?["pid"]
            try place.link.set(loss: 100)
            try await place.status("offline")
            try await eventually("the agent notices it") { place.agent.log.contains("has not answered for 10 s") }
            try place.link.set()
            try await place.status("online")
            try await place.send("get_process", ["process_id": "a"], id: "get")
            #expect(try await place.answer("get")?["process"]?["pid"] == pid)
        }
    }

    @Test func `an agent whose address changes comes back with the new one`() async throws {
        try await withLink { place in
            try await place.network.run("/usr/sbin/ip", "address", "add", "10.9.0.3/24", "dev", "link0")
            try await place.network.run("/usr/sbin/ip", "address", "del", "10.9.0.2/24", "dev", "link0")
            try await place.network.run("/usr/sbin/ip", "address", "replace", "10.9.0.3/24", "dev", "link0")
            try await place.status("offline")
            try await place.status("online")
        }
    }

    /// As behind a tunnel whose router sends no ICMP: only large packets are lost.
    @Test func `an answer that large packets can't carry arrives when they can`() async throws {
        try await withLink { place in
            let script = "seq 1000000 1009999; sleep 1000"
            let config: JSONValue = ["name": "a", "command": ["sh", "-c", .string(script)]]
            try await place.send("start_process", ["config": config], id: "start")
            _ = try await place.answer("start")
            try await eventually("its output") {
                place.agent.folder.read("state/log/a.stdout").hasSuffix("1009999\n")
            }
            try place.link.set(size: 600)
            try await place.send("get_log", ["process_id": "a", "lines": 5_000], id: "log")
            // The small packets of the status get through, but not before the large ones in the same connection.
            try await place.status("offline")
            try place.link.set()
            let log = try await place.answer("log")
            #expect(log?["stdout"]?.array?.count == 5_000)
        }
    }
}
