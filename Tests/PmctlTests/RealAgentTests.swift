import Glibc
import JSONCodec
import TestSupport
import Testing

/// The built pmctl and the built agent, with real processes.
@Suite(.serialized) struct RealAgentTests {
    @Test func `start, status, reset, stop, ps and health of real processes`() async throws {
        try await withBroker { broker in
            let folder = try TemporaryFolder()
            let client = try await TestClient(broker)
            try await client.subscribe("pm/alpha/status")
            let flags = ["--host", "alpha", "--broker", broker.url, "--state-dir", "\(folder.path)/state"]
            // As the user that owns the folder which the process writes to.
            let words = ["/usr/bin/env", "PM_RUN_AS=\(geteuid())", try Binaries.agent] + flags
            let agent = try ChildProcess(words, log: "\(folder.path)/log")
            defer { agent.end(with: 15) }
            _ = try await client.next { $0.text == "online" }
            let pmctl = Pmctl(broker)

            let start = try await pmctl.run(
                "start", "alpha", "--name", "web", "--cwd", folder.path, "--env", "A=b c", "--", "sh", "-c",
                "echo \"$A\" > seen; sleep 1000")
            #expect(start.output.hasPrefix("started web on alpha, pid "))
            #expect(start.exitCode == 0, "\(start.errors)")
            let again = try await pmctl.run("start", "alpha", "--name", "web", "--", "sleep", "1")
            #expect(again.errors.hasPrefix("pmctl: process failed to start: web is in use"))
            #expect(again.exitCode == 111)

            let status = try Samples.json(try await pmctl.run("status", "alpha", "web", "--json").output)
            #expect(status["state"] == "running")
            let pid = try #require(status["pid"]?.integer)
            #expect(start.output == "started web on alpha, pid \(pid)\n")

            let reset = try await pmctl.run("reset", "alpha", "\(pid)")
            #expect(reset.output.hasPrefix("reset web on alpha, pid "))
            #expect(reset.output != "reset web on alpha, pid \(pid)\n")
            #expect(folder.read("seen") == "b c\n")

            let stop = try await pmctl.run("stop", "alpha", "web")
            #expect(stop.output == "stopped web on alpha\n")
            let one = try await pmctl.run("ps", "alpha")
            #expect(one.lines.count == 2)
            #expect(one.lines.last?.hasPrefix("web      exited") == true)
            let all = try await pmctl.run("ps")
            #expect(all.lines.last?.hasPrefix("alpha  web      exited") == true)
            let health = try Samples.json(try await pmctl.run("health", "alpha", "--json").output)
            #expect(health["health"] == "good")
            #expect(health["stale"] == false)

            let missing = try await pmctl.run("start", "alpha", "--", "/nonexistent")
            #expect(
                missing.errors == "pmctl: process failed to start: program /nonexistent: no such file or directory\n")
            let unknown = try await pmctl.run("stop", "alpha", "nix")
            #expect(unknown.errors == "pmctl: process failed to be killed: no such process: nix\n")
        }
    }
}
