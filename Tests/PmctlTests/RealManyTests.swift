import TestSupport
import Testing

/// Several hosts and processes, with real agents.
@Suite(.serialized) struct RealManyTests {
    /// Runs `body` with an agent on each host.
    private func withAgents(_ hosts: [(name: String, rack: Int)], _ body: (Pmctl) async throws -> Void) async throws {
        try await withBroker { broker in
            var agents: [AgentProcess] = []
            for host in hosts {
                let configuration = #"{"stop_grace":10,"labels":{"rack":"\#(host.rack)"}}"#
                let agent = try AgentProcess(.init(host: host.name, configuration: configuration), url: broker.url)
                try agent.start()
                agents.append(agent)
            }
            let pmctl = Pmctl(broker)
            try await eventually("all hosts") {
                try await pmctl.run("hosts", "-o", "name", "rack=*").lines.count == hosts.count
            }
            try await body(pmctl)
            for agent in agents { try await agent.stop() }
        }
    }

    @Test func `processes of several hosts are started, stopped, restarted and removed`() async throws {
        try await withAgents([("edge-1", 7), ("edge-2", 7), ("lab", 8)]) { pmctl in
            for name in ["web-1", "web-2", "db"] {
                let start = try await pmctl.run("start", "*", "--name", name, "--", "sleep", "1000")
                #expect(start.lines.count == 3 && start.exitCode == 0, "\(start)")
            }
            func running(_ words: String...) async throws -> [String] {
                try await pmctl.start(["ps", "--running", "-o", "name"] + words).result().lines
            }
            let stop = try await pmctl.run("stop", "*", "web-*", "--label", "rack=7")
            #expect(
                stop.lines.sorted()
                    == ["web-1", "web-2"].flatMap { id in
                        ["edge-1", "edge-2"].map { "stopped \(id) on \($0)" }
                    })
            #expect(stop.exitCode == 0)
            #expect(try await running("rack=7") == ["edge-1 db", "edge-2 db"])
            #expect(try await running("lab") == ["db", "web-1", "web-2"])
            let again = try await pmctl.run("stop", "edge-1", "web-1")
            #expect(again.output == "web-1 is not running on edge-1\n" && again.exitCode == 0, "\(again)")

            let start = try await pmctl.run("start", "edge-*,lab", "web-1")
            #expect(start.lines.count == 3 && start.exitCode == 0, "\(start)")
            #expect(start.lines.contains { $0.hasPrefix("web-1 is already up on lab, pid ") })
            #expect(start.lines.count { $0.hasPrefix("started web-1 on edge-") } == 2)
            #expect(try await running("edge-*") == ["edge-1 db", "edge-1 web-1", "edge-2 db", "edge-2 web-1"])

            let restart = try await pmctl.run("restart", "edge-1", "--all")
            #expect(restart.lines.count == 2 && restart.lines.allSatisfy { $0.hasPrefix("reset ") }, "\(restart)")
            let partly = try await pmctl.run("rm", "edge-1,edge-2", "web-2", "db", "nix")
            #expect(partly.lines.sorted() == ["removed web-2 on edge-1", "removed web-2 on edge-2"])
            #expect(partly.exitCode == 6 && partly.errors.hasSuffix("pmctl: 4 of 6 failed\n"), "\(partly)")
            let rest = try await pmctl.run("stop", "*", "--all")
            #expect(rest.exitCode == 0 && rest.lines.count == 7, "\(rest)")
            let nothing = try await pmctl.run("stop", "*", "--all")
            #expect(nothing.exitCode == 0 && nothing.errors == "pmctl: there is nothing to do\n", "\(nothing)")
            #expect(try await pmctl.run("status", "lab", "db").exitCode == 3)
        }
    }

    @Test func `the options of start reach the process`() async throws {
        try await withAgents([("edge-1", 7)]) { pmctl in
            let folder = try TemporaryFolder()
            try folder.write("GREETING=good day\n", to: "variables")
            let words = [
                "start", "edge-1", "--name", "web", "--env-file", "\(folder.path)/variables", "--restart", "on-failure",
                "--restart-limit", "3", "--stop-signal", "INT", "--stop-grace", "2", "--ready-line", "good day",
                "--health-command", "true", "--log-files", "2", "--", "sh", "-c", "echo $GREETING; exec sleep 1000",
            ]
            let start = try await pmctl.start(words).result()
            #expect(start.exitCode == 0, "\(start)")
            #expect(try await pmctl.run("logs", "edge-1", "web").output == "good day\n")
            let status = try await pmctl.run("status", "edge-1", "web")
            for line in ["policy on_failure, start_limit 3", "signal INT, grace 2", "log_line good day", "files 2"] {
                #expect(status.output.contains(line), "\(status)")
            }
            #expect(status.exitCode == 0)
        }
    }
}
