import Glibc
import Synchronization
import TestSupport
import Testing

/// An operator who asks for more than a host can do, and another one who wants something stopped.
@Suite(.serialized) struct StartFloodTests {
    @Test(arguments: ["pm/box/control", "pm/hub/control"])
    func `a stop gets through a flood of starts`(control: String) async throws {
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
                // In lots, of which the last is answered: faster than the agent reads, they would fill its queue in the broker,
                // which drops the stop then as well (docs/security.md, "What remains").
                for _ in 0..<500 { try otto.send(control, start) }
                try await otto.publish(control, last)
                _ = try await otto.next(on: "pm/reply/otto/last")
                return 500
            }
            defer { flood.end() }
            for (number, pid) in pids.enumerated() {
                // What comes now finds the agent busy, and more comes behind it.
                let before = flood.count
                try await eventually("more starts", within: .seconds(60)) { flood.count > before }
                let stopped = try await ask("kill_process", #"{"process_id":"web\#(number)"}"#)
                #expect(stopped?["status"] == "success", "\(stopped.map { "\($0)" } ?? "-")")
                #expect(!["S", "R"].contains(SystemProcess(pid).state))
            }
            flood.end()
            try await flooded
            print("3 stops got through \(flood.count) starts")
            // What was taken on before is still to be done.
            try await eventually("box is empty", within: .seconds(60)) {
                _ = try await fleet.ask("pm/box/control", #"{"method":"apply","args":{"processes":[]}}"#)
                let left = try await fleet.ask("pm/box/control", #"{"method":"get_processes"}"#)
                return left["result"]?["process"] == []
            }
        }
    }
}

/// Something that is done until it is told to end.
private final class Flood: Sendable {
    private let done = Atomic(0)
    private let isOver = Atomic(false)

    var count: Int { done.load(ordering: .relaxed) }

    func end() { isOver.store(true, ordering: .relaxed) }

    /// - Parameter body: returns how often it has done it.
    func run(_ body: @Sendable () async throws -> Int) async throws {
        while !isOver.load(ordering: .relaxed) { done.add(try await body(), ordering: .relaxed) }
    }
}
