import Glibc
import TestSupport
import Testing

/// One test for each defect that an independent review has found.
@Suite(.serialized) struct ReviewTests {
    @Test(arguments: [String(repeating: "a/", count: 220) + "x", "pm/reply/\u{85}x", "a\u{FFFE}"])
    func `a reply topic that makes a broker end the connection is refused`(topic: String) async throws {
        try await withAgent { bench in
            try await bench.send(#"{"start_process":{"path":"/bin/sleep","args":["9"]},"reply_to":"\#(topic)"}"#)
            let answer = try await bench.client.next(on: bench.topic("response")).value
            #expect(answer["start_process"]?["success"] == false)
            #expect(bench.agent.descendants.isEmpty)
            // The agent is still connected.
            #expect(try await bench.ask(#"{"list_active_processes":{}}"#)["list_active_processes"]?["pids"] == [])
        }
    }

    @Test func `status and health are published again after another client clears them`() async throws {
        try await withAgent(.init(arguments: ["--health-interval", "0.2"])) { bench in
            try await bench.client.publish(bench.topic("status"), "", retain: true)
            try await bench.isOnline()
            let watcher = try await bench.watcher(of: bench.topic("health"))
            _ = try await watcher.next { !$0.isRetained && !$0.payload.isEmpty }
        }
    }

    @Test func `a malformed request through the hub is answered on the hub's topic too`() async throws {
        try await withAgent(broker: .init(hub: true)) { bench in
            for request in [
                #"{"host_name":"h1","list_active_processes":{}} x"#, #"{"host_name":"h1","host_name":"h1"}"#,
            ] {
                try await bench.client.publish("pm/hub/control", request)
                let answer = try await bench.client.next(on: "pm/hub/response").value
                #expect(answer["success"] == false)
                #expect(answer["error_message"]?.string?.hasPrefix("malformed request") == true)
            }
        }
    }

    @Test func `an answer about a wrong host does not look forwarded`() async throws {
        try await withAgent { bench in
            let answer = try await bench.ask(#"{"host_name":"other","list_active_processes":{}}"#)
            #expect(answer["list_active_processes"]?["success"] == false)
            #expect(answer["success"] == nil && answer["host_name"] == nil)
        }
    }

    @Test func `a reply topic equal to the default topic gets one answer, with correlation data`() async throws {
        try await withAgent { bench in
            let properties = Message.Properties(responseTopic: bench.topic("response"), correlationData: [1, 2])
            try await bench.send(#"{"list_active_processes":{}}"#, properties: properties)
            let answer = try await bench.client.next(on: bench.topic("response"))
            #expect(answer.properties.correlationData == [1, 2])
            try await bench.client.settle()
            #expect(!bench.client.messages.contains { $0.topic == bench.topic("response") })
        }
    }

    @Test func `a failure stays a health reason until the process is stopped`() async throws {
        try await withAgent { bench in
            let program = "\(bench.agent.folder.path)/program"
            try bench.agent.folder.write("#!/bin/sh\nexec sleep 1000\n", to: "program")
            chmod(program, 0o700)
            let start = #"{"config":{"name":"web","path":"\#(program)"}}"#
            #expect(try await bench.method("start_process", start)["status"] == "success")
            unlink(program)
            #expect(try await bench.method("reset_process", #"{"process_id":"web"}"#)["status"] == "failed")
            #expect(try await bench.method("get_health")["health"] == "bad")
            // Another failure of the same name does not hide the first.
            #expect(try await bench.method("start_process", start)["status"] == "failed")
            #expect(try await bench.method("get_health")["health"] == "bad")
            #expect(try await bench.method("kill_process", #"{"process_id":"web"}"#)["status"] == "success")
            #expect(try await bench.method("get_health")["health"] == "good")
            let again = try await bench.method("kill_process", #"{"process_id":"web"}"#)
            #expect(again["error"]?["code"] == "no_such_process")
        }
    }

    @Test func `the bytes of waiting requests are limited`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let pid = try await bench.sh(
                "trap '' TERM; : > \(bench.agent.folder.path)/ready; while :; do sleep 1000; done")
            try await eventually("the trap") { access("\(bench.agent.folder.path)/ready", F_OK) == 0 }
            let padding = String(repeating: "x", count: 250_000)
            let count = 12
            for _ in 0..<count {
                try await bench.send(
                    #"{"method":"kill_process","args":{"process_id":\#(pid)},"x":"\#(padding)","reply_to":"pm/reply/w"}"#
                )
            }
            // 8 of these requests fit into 2 MiB.
            for number in 0..<count {
                if number == count - 8 { kill(pid_t(-pid), SIGKILL) }
                let result = try await bench.client.next(on: "pm/reply/w").value["result"]
                #expect(result?["error"]?["code"]?.string == (number < count - 8 ? "no_capacity" : nil))
            }
        }
    }

    @Test func `a process with the number of an earlier one begins with an empty log`() async throws {
        try await withAgent { bench in
            let log = "\(bench.agent.stateDirectory)/log/sh-1.stdout"
            let file = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            #expect(write(file, "old\n", 4) == 4)
            close(file)
            _ = try await bench.sh("echo new; sleep 1000")
            try await eventually("the new line") { bench.agent.folder.read("state/log/sh-1.stdout") == "new\n" }
        }
    }
}
