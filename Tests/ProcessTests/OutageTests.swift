import Glibc
import TestSupport
import Testing

/// The broker goes away, or was never there.
@Suite(.serialized) struct OutageTests {
    /// The message that the broker has retained.
    private static func retained(
        _ topic: String, on bench: AgentBench, where matches: @escaping @Sendable (Message) -> Bool = { _ in true }
    ) async throws -> Message {
        let watcher = try await bench.watcher(of: topic)
        return try await watcher.next(where: matches)
    }

    @Test func `after a restart of the broker everything is published anew`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            try await bench.broker.restart()
            for topic in ["status", "info", "health", "process/a"] {
                #expect(!(try await Self.retained(bench.topic(topic), on: bench).payload.isEmpty))
            }
            #expect(try await Self.retained(bench.topic("process/a"), on: bench).value["pid"]?.integer == pid)
        }
    }

    @Test func `an answer that is due while the broker is away arrives afterwards`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":3600}"#)) { bench in
            let ready = "\(bench.agent.folder.path)/ready"
            let pid = try await bench.sh("trap '' TERM; : > \(ready); while :; do sleep 1000; done")
            try await eventually("the trap") { access(ready, F_OK) == 0 }
            try await bench.send(.stopProcess(pid: pid).id("s").replyTo("pm/reply/s"))
            _ = try await bench.ask(.listActiveProcesses)
            bench.broker.kill()
            try await eventually("the disconnect") { bench.agent.log.contains("not connected") }
            kill(pid_t(-pid), SIGKILL)
            try await eventually("the end") { !SystemProcess(pid).exists }
            // A client that subscribes before the agent reconnects gets the copy. So the worker is stopped until then.
            let worker = try #require(bench.agent.worker)
            worker.kill(SIGSTOP)
            try await bench.broker.start()
            let client = try await bench.watcher(of: "pm/reply/s")
            worker.kill(SIGCONT)
            #expect(try await client.next(on: "pm/reply/s").value == ["stop_process": ["success": true], "id": "s"])
            let standard = try await Self.retained(bench.topic("response"), on: bench) {
                $0.text.contains("stop_process")
            }
            #expect(try standard.value == ["stop_process": ["success": true], "id": "s"])
        }
    }

    @Test func `states that don't fit into the queue together are published one after the other`() async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":5,"max_queue":524288}"#)) { bench in
            let padding = String(repeating: "x", count: 100_000)
            for index in 0..<40 {
                let arguments = #"["-c","exec sleep 1000","\#(padding)"]"#
                _ = try await bench.start(config: #"{"name":"p\#(index)","path":"/bin/sh","args":\#(arguments)}"#)
            }
            // The new broker has no retained messages.
            bench.broker.kill()
            try await bench.broker.start()
            try await eventually("all states") {
                guard let states = try? await bench.watcher(of: bench.topic("process/+")) else { return false }
                try await states.settle()
                return states.takeAll().count == 40
            }
            #expect(!bench.agent.log.contains("did not fit"))
        }
    }

    @Test(arguments: [true, false]) func `with a silent broker, children are reaped and SIGTERM is obeyed`(
        isFrozen: Bool
    ) async throws {
        try await withAgent { bench in
            let child = try await bench.sh("exec sleep 1000")
            let parent = try await bench.sh("sleep 1000 & sleep 1000")
            if isFrozen { bench.broker.pause() } else { bench.broker.kill() }
            kill(pid_t(child), SIGKILL)
            try await eventually("the zombie is reaped") { !SystemProcess(child).exists }
            kill(pid_t(-parent), SIGKILL)
            try await eventually("the orphans are reaped") {
                !SystemProcess(parent).exists && kill(pid_t(-parent), 0) != 0
            }
            #expect(try await bench.agent.stop() == 0)
            bench.broker.resume()
        }
    }

    @Test(arguments: ["mqtt://no-such-name.invalid", "unix:///no/such.sock", "mqtt://127.0.0.1:1"])
    func `without a broker the agent waits, and obeys SIGTERM`(url: String) async throws {
        let agent = try AgentProcess(.init(url: url), url: url)
        try agent.start()
        try await eventually("the first attempt") { agent.log.contains("not connected to \(url)") }
        #expect(agent.isRunning)
        #expect(try await agent.stop() == 0)
    }

    @Test func `the agent can start before its broker`() async throws {
        try await withBroker { broker in
            try await broker.stop()
            let agent = try AgentProcess(url: broker.url)
            try agent.start()
            try await eventually("the first attempt") { agent.log.contains("not connected") }
            try await broker.start()
            let watcher = try await TestClient(broker)
            try await watcher.subscribe("pm/h1/status")
            #expect(try await watcher.next(on: "pm/h1/status").text == "online")
            #expect(try await agent.stop() == 0)
        }
    }

    @Test func `a listener that accepts the connection and sends nothing does not block the agent`() async throws {
        let listener = try SilentListener()
        let agent = try AgentProcess(.init(url: listener.url), url: listener.url)
        try agent.start()
        try await eventually("the connection") { listener.hasConnection }
        agent.signal(SIGHUP)
        try await eventually("the reload") { agent.log.contains("read the configuration again") }
        #expect(try await agent.stop() == 0)
    }

    @Test func `retained requests are cleared and never executed`() async throws {
        try await withBroker { broker in
            let client = try await TestClient(broker)
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"reply_to":"pm/reply/me"}"#
            try await client.publish("pm/h1/control", start, retain: true)
            for filter in ["pm/reply/me", "pm/h1/control", "pm/h1/response"] { try await client.subscribe(filter) }
            _ = try await client.next(on: "pm/h1/control")
            let agent = try AgentProcess(url: broker.url)
            try agent.start()
            #expect(try await client.next(on: "pm/h1/control").payload.isEmpty)
            try await client.publish("pm/h1/control", #"{"list_active_processes":{},"reply_to":"pm/reply/me"}"#)
            #expect(try await client.next(on: "pm/reply/me").value == ["list_active_processes": ["pids": []]])
            let late = try await TestClient(broker)
            try await late.subscribe("pm/h1/control")
            try await late.settle()
            #expect(late.messages.isEmpty)
            #expect(agent.descendants.isEmpty)
            // Another client's empty message is a malformed request.
            try await client.publish("pm/h1/control", "", properties: .init(responseTopic: "pm/reply/me"))
            #expect(try await client.next(on: "pm/reply/me").value["error_message"] == "malformed request: empty")
            #expect(try await agent.stop() == 0)
        }
    }

    @Test func `a live request with the retain flag is executed once, even after a reconnect`() async throws {
        try await withAgent { bench in
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]},"reply_to":"pm/reply/me"}"#
            try await bench.client.publish(bench.topic("control"), start, retain: true)
            _ = try await bench.client.next(on: "pm/reply/me")
            // The broker has retained the request. Another client with the agent's client id disconnects the agent.
            let impostor = try await TestClient(bench.broker, .init(id: "pm-agent-h1"))
            try await eventually("the takeover") { bench.agent.log.contains("not connected") }
            impostor.kill()
            try await eventually("the reconnect") {
                bench.agent.log.split(separator: "\n").filter { $0.contains(": connected to") }.count > 1
            }
            _ = try await bench.ask(.listActiveProcesses)
            #expect(bench.agent.descendants.count == 1)
            let late = try await bench.watcher(of: bench.topic("control"))
            try await late.settle()
            #expect(late.messages.isEmpty)
        }
    }
}
