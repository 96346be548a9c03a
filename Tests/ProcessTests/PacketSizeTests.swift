import Glibc
import TestSupport
import Testing

/// Brokers that take only small packets: no answer is silence.
@Suite(.serialized) struct PacketSizeTests {
    private static let small = Broker.Options(extra: ["max_packet_size 8000"])

    @Test func `an answer that is too large comes without the request, else as a failure`() async throws {
        try await withAgent(.init(configuration: #"{"health_interval":1}"#), broker: Self.small) { bench in
            _ = try await bench.start(.shell("seq 1000000 1009999; sleep 1000", name: "a"))
            try await bench.written("1009999", by: "a")
            let filler = String(repeating: "y", count: 7_750)
            let again = try await bench.ask(
                #"{"method":"kill_process","args":{"process_id":"none"},"id":5,"filler":"\#(filler)"}"#)
            #expect(again["request"] == .null && again["id"] == 5, "\(again)")
            #expect(again["result"]?["error"]?["code"] == "no_such_process")
            let log = try await bench.ask(#"{"method":"get_log","args":{"process_id":"a","lines":10000},"id":6}"#)
            #expect(log["request"] == .null && log["id"] == 6 && log["result"]?["status"] == "failed", "\(log)")
            let error = log["result"]?["error"]
            #expect(error?["code"] == "no_capacity")
            #expect(error?["detail"]?.string?.hasSuffix("; the request was carried out") == true, "\(log)")
            // What fits is answered as always.
            let part = try await bench.ask(#"{"method":"get_log","args":{"process_id":"a","lines":10}}"#)
            #expect(part["request"]?["method"] == "get_log" && part["result"]?["status"] == "success")
            let watcher = try await bench.watcher(of: bench.topic("health"))
            _ = try await watcher.next { $0.text.contains("the broker takes no packet of more than 8000 bytes") }
            let lines = bench.agent.log.split(separator: "\n").filter { $0.contains("takes no packet of more than") }
            #expect(lines.count { !$0.contains("health is bad") } == 1)
        }
    }

    @Test func `a process with a long command line is published with a part of it`() async throws {
        try await withAgent(broker: Self.small) { bench in
            try await bench.agent.stop()
            try prepare(bench.agent)
            try bench.agent.start()
            let watcher = try await bench.watcher(of: bench.topic("process/web"))
            let entry = try await watcher.next { $0.text.contains("running") }.value
            #expect(entry["command"]?.string?.hasSuffix("…") == true && entry["process_id"] == "web")
        }
    }

    private static let longCommand =
        #"{"name":"web","command":["sh","-c","sleep 1000","\#(String(repeating: "z", count: 20_000))"]}"#

    /// Gives an agent that does not run a process with a long command line.
    private func prepare(_ agent: AgentProcess) throws {
        mkdir(agent.stateDirectory, 0o700)
        mkdir("\(agent.stateDirectory)/processes.d", 0o700)
        try agent.folder.write(Self.longCommand, to: "state/processes.d/web.json")
    }

    /// A broker of 3.1.1 does not say what it takes: it ends the connection.
    @Test(arguments: [0, 1]) func `the limit of an old broker is learned`(qos: Int) async throws {
        try await withBroker(Self.small) { broker in
            let old = try OldBroker(.refusesLikeFive, before: broker)
            let agent = try AgentProcess(url: old.url)
            try prepare(agent)
            let client = try await TestClient(broker)
            for filter in ["pm/h1/response", "pm/reply/#", "pm/h1/#"] { try await client.subscribe(filter) }
            do {
                try agent.start()
                _ = try await client.next { $0.topic == "pm/h1/process/web" && $0.text.contains("…") }
                let request = #"{"method":"get_process","args":{"process_id":"web"},"reply_to":"pm/reply/me","id":1}"#
                try await client.publish("pm/h1/control", request, qos: qos)
                let answer = try await client.next(on: "pm/reply/me").value
                #expect(answer["id"] == 1 && answer["result"]?["error"]?["code"] == "no_capacity", "\(answer)")
                #expect(try await agent.stop() == 0)
            } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)") }
        }
    }
}
