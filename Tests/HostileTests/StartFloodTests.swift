import Glibc
import Synchronization
import TestSupport
import Testing

/// One operator sends more starts than a host can carry out, and another one stops processes.
@Suite(.serialized) struct StartFloodTests {
    @Test(arguments: ["pm/box/control", "pm/hub/control"])
    func `a stop is carried out during a flood of starts`(control: String) async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            try await op.subscribe("pm/reply/op/stop")
            func ask(_ method: String, _ arguments: String) async throws -> JSONValue? {
                let request = #""method":"\#(method)","args":\#(arguments),"reply_to":"pm/reply/op/stop""#
                try await op.publish(control, #"{"host_name":"box",\#(request)}"#)
                return try await op.next(on: "pm/reply/op/stop").value["result"]
            }
            var pids: [Int] = []
            for number in 0..<3 {
                let config = #"{"name":"web\#(number)","command":"sleep 1000"}"#
                let started = try await ask("start_process", #"{"config":\#(config)}"#)
                pids.append(try #require(started?["pid"]?.integer))
            }
            let otto = try await fleet.client("otto")
            try await otto.subscribe("pm/reply/otto/last")
            let flood = Flood()
            let start = Array(
                #"{"host_name":"box","method":"start_process","args":{"config":{"command":"true"}}}"#.utf8)
            let last = Array(#"{"host_name":"box","method":"get_health","reply_to":"pm/reply/otto/last"}"#.utf8)
            async let flooded: Void = flood.run {
                // In batches: each waits for the answer to its last request. Without that they would fill the agent's
                // queue in the broker, which would then drop the stop as well (docs/security.md, "What remains").
                for _ in 0..<500 { try otto.send(control, start) }
                try await otto.publish(control, last)
                _ = try await otto.next(on: "pm/reply/otto/last")
                return 500
            }
            defer { flood.end() }
            for (number, pid) in pids.enumerated() {
                // The agent is busy with starts now, and more follow.
                let before = flood.count
                try await eventually("more starts") { flood.count > before }
                let stopped = try await ask("kill_process", #"{"process_id":"web\#(number)"}"#)
                #expect(stopped?["status"] == "success", "\(stopped.map { "\($0)" } ?? "-")")
                #expect(!["S", "R"].contains(SystemProcess(pid).state))
            }
            flood.end()
            try await flooded
            print("3 stops got through \(flood.count) starts")
            // The agent still carries out the starts that it has accepted.
            try await eventually("box is empty") {
                _ = try await fleet.ask("pm/box/control", .call("apply", ["processes": []]))
                let left = try await fleet.ask("pm/box/control", .call("get_processes"))
                return left["result"]?["process"] == []
            }
        }
    }
}

/// Repeats an action until it is told to end.
private final class Flood: Sendable {
    private let done = Atomic(0)
    private let isOver = Atomic(false)

    var count: Int { done.load(ordering: .relaxed) }

    func end() { isOver.store(true, ordering: .relaxed) }

    /// - Parameter body: the action; returns the number of requests it has sent.
    func run(_ body: @Sendable () async throws -> Int) async throws {
        while !isOver.load(ordering: .relaxed) { done.add(try await body(), ordering: .relaxed) }
    }
}
