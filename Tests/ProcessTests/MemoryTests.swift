import Glibc
import TestSupport
import Testing

/// What an agent keeps in memory, and what it discards.
@Suite(.serialized) struct MemoryTests {
    @Test func `the last thousand ended processes stay, older ones are cleared, all pids are known`() async throws {
        try await withAgent { bench in
            let count = 1_010
            for number in 0..<count {
                try bench.client.send(
                    bench.topic("control"),
                    Array(
                        #"{"start_process":{"path":"/bin/echo","args":["x"]},"id":\#(number),"reply_to":"pm/reply/s"}"#
                            .utf8),
                    qos: 1)
            }
            var pids = [Int](repeating: 0, count: count)
            for _ in 0..<count {
                let answer = try await bench.client.next(on: "pm/reply/s").value
                pids[try #require(answer["id"]?.integer)] = try #require(answer["start_process"]?["pid"]?.integer)
            }
            bench.client.takeAll()
            var entries: [JSONValue] = []
            repeat {
                entries = try await bench.method("get_processes")["process"]?.array ?? []
            } while !entries.allSatisfy { $0["state"] == "exited" } || entries.count > 1_000
            #expect(entries.count == 1_000)
            let late = try await bench.watcher(of: "pm/h1/process/+")
            try await late.settle()
            #expect(late.messages.count == 1_000)
            let names = Set(entries.compactMap { $0["process_id"]?.string })
            #expect(Set(late.messages.map { String($0.topic.dropFirst("pm/h1/process/".count)) }) == names)
            for pid in [pids[0], pids[5], pids[count - 1]] {
                try await bench.expect(
                    .queryProcessStatus(pid: pid),
                    ["query_process_status": ["exit_code": 0, "running": false, "success": true]])
            }
            // The logs of the removed processes are gone too.
            #expect(access("\(bench.agent.stateDirectory)/log/\(names.first ?? "").stdout", F_OK) == 0)
            let forgotten = (1...count).first { !names.contains("echo-\($0)") }.map { "echo-\($0)" } ?? ""
            #expect(access("\(bench.agent.stateDirectory)/log/\(forgotten).stdout", F_OK) != 0)
        }
    }

    @Test func `a duplicate that waits for its answer costs no more than its reply topic`() async throws {
        try await withAgent { bench in
            let slow = ProcessConfig.sleep("slow").with("ready", ["log_line": "never", "timeout": 3600])
            _ = try await bench.start(slow)
            let padding = String(repeating: "x", count: 250_000)
            func ask(_ id: Int) throws {
                let config = #"{"name":"w\#(id)","command":"sleep 1000","depends_on":["slow"]}"#
                let request =
                    #"{"method":"start_process","args":{"config":\#(config)},"id":\#(id),"padding":"\#(padding)"}"#
                try bench.client.send(bench.topic("control"), Array(request.utf8), qos: 1)
            }
            for id in 0..<4 { try ask(id) }
            _ = try await bench.method("get_health")
            let worker = try #require(bench.agent.worker)
            let before = worker.residentMemory
            for id in 0..<4 { for _ in 0..<90 { try ask(id) } }
            _ = try await bench.method("get_health")
            // The duplicates were 90 MB.
            #expect(worker.residentMemory < before + 20_000_000)
        }
    }

    @Test func `many processes are started at once, and SIGTERM ends them all`() async throws {
        try await withAgent { bench in
            let count = 300
            for _ in 0..<count {
                try bench.client.send(
                    bench.topic("control"),
                    Array(#"{"start_process":{"path":"/bin/sleep","args":["1000"]},"reply_to":"pm/reply/s"}"#.utf8),
                    qos: 1)
            }
            for _ in 0..<count {
                #expect(try await bench.client.next(on: "pm/reply/s").value["start_process"]?["success"] == true)
            }
            #expect(bench.agent.descendants.count == count)
            #expect(try await bench.agent.stop() == 0)
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a state change is published while requests keep arriving`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            try await bench.state("running", of: "a")
            let watcher = try await bench.watcher(of: "pm/h1/response")
            try await watcher.subscribe("pm/h1/process/a")
            try await watcher.settle()
            watcher.takeAll()
            let sender = try await TestClient(bench.broker)
            let count = 20_000
            for number in 0..<count {
                try sender.send(bench.topic("control"), Array(#"{"list_active_processes":{},"id":\#(number)}"#.utf8))
                if number == 2_000 { kill(pid_t(pid), SIGKILL) }
            }
            try await eventually("all answers") { watcher.messages.count >= count }
            let order = watcher.takeAll().filter { $0.topic != "pm/h1/control" }
            let place = order.firstIndex { $0.topic == "pm/h1/process/a" && $0.text.contains("exited") }
            let told = try #require(place)
            #expect(told < count - 1_000, "published after \(told) of \(count) answers")
        }
    }
}
