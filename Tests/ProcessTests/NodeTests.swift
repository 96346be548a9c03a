import Glibc
import TestSupport
import Testing

/// The driver `node`: an agent that another agent supervises.
@Suite(.serialized) struct NodeTests {
    private static let config =
        #"{"name":"n1","driver":"node","generation":"g1","labels":{"rack":"7"},"restart":{"policy":"always","delay":0}}"#

    /// Waits until the node is online with this generation.
    ///
    /// - Returns: its info.
    private func isOnline(_ bench: AgentBench, generation: String = "g1") async throws -> JSONValue {
        let watcher = try await bench.watcher(of: "pm/n1/#")
        _ = try await watcher.next { $0.topic == "pm/n1/status" && $0.text == "online" }
        return try await bench.watcher(of: "pm/n1/info").next { message in
            (try? message.value)?["generation"]?.string == generation
        }.value
    }

    /// Starts a process on the node.
    ///
    /// - Returns: its pid.
    private func start(_ config: String, on bench: AgentBench) async throws -> Int? {
        let inbox = try await bench.watcher(of: "pm/reply/node")
        let request = #"{"method":"start_process","args":{"config":\#(config)},"reply_to":"pm/reply/node"}"#
        try await bench.client.publish("pm/n1/control", request)
        return try await inbox.next { _ in true }.value["result"]?["pid"]?.integer
    }

    @Test func `a node is a host of its own, and its processes end with it`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(config: Self.config)
            let info = try await isOnline(bench)
            #expect(info["host"] == "n1" && info["labels"] == ["rack": "7"])
            let pid = try #require(try await start(#"{"name":"a","command":"sleep 1000"}"#, on: bench))
            #expect(SystemProcess(pid).arguments == ["sleep", "1000"])
            let folder = "\(bench.agent.stateDirectory)/nodes/n1"
            #expect(bench.agent.folder.read("state/nodes/n1/agent.json").contains(bench.broker.url))
            try await bench.kill("n1")
            #expect(!SystemProcess(pid).exists && access(folder, F_OK) == 0)
            _ = try await bench.method(.removeProcess("n1"))
            #expect(access(folder, F_OK) != 0)
        }
    }

    /// The limit of open files is higher than any system allows.
    @Test func `a node that can't be started leaves no folder, and keeps an earlier node's folder`() async throws {
        try await withAgent { bench in
            let impossible = #"{"config":{"name":"n1","driver":"node","limits":{"open_files":1073741824}}}"#
            let folder = "\(bench.agent.stateDirectory)/nodes/n1"
            let refused = try await bench.method("start_process", impossible)
            #expect(refused["status"] == "failed" && access(folder, F_OK) != 0, "\(refused)")
            _ = try await bench.start(config: Self.config)
            _ = try await isOnline(bench)
            try await bench.kill("n1")
            #expect(try await bench.method("start_process", impossible)["status"] == "failed")
            #expect(access("\(folder)/agent.json", F_OK) == 0)
        }
    }

    /// People show each other configuration files.
    @Test func `a password has a file of its own that only its owner can read`() async throws {
        try await withAgent(.init(configuration: #"{"user":"u","password":"s3cret"}"#)) { bench in
            _ = try await bench.start(config: Self.config)
            _ = try await isOnline(bench)
            let folder = bench.agent.folder
            let configuration = folder.read("state/nodes/n1/agent.json")
            #expect(
                !configuration.contains("s3cret") && configuration.contains("nodes/n1/password"), "\(configuration)")
            #expect(folder.read("state/nodes/n1/password") == "s3cret\n")
            for name in ["agent.json", "password"] {
                var info = stat()
                #expect(stat("\(folder.path)/state/nodes/n1/\(name)", &info) == 0 && info.st_mode & 0o777 == 0o600)
            }
        }
    }

    @Test func `a node that is killed is restarted`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(config: Self.config)
            _ = try await isOnline(bench)
            let watcher = try await bench.watcher(of: "pm/n1/status")
            _ = try await watcher.next { $0.text == "online" }
            kill(pid_t(pid), SIGKILL)
            _ = try await watcher.next { $0.text == "offline" }
            _ = try await watcher.next { $0.text == "online" }
            #expect(try await bench.state("running", of: "n1")["pid"]?.integer != pid)
        }
    }

    @Test(arguments: [
        (#"{"driver":"node"}"#, "missing_argument", "missing config.name"),
        (
            #"{"driver":"node","name":"hub"}"#, "invalid_argument",
            "config.name must be a name that is not reserved: it becomes a host's name"
        ),
        (
            #"{"driver":"node","name":"n1","command":"x"}"#, "invalid_argument",
            "config.command is not allowed with the driver node"
        ),
        (
            #"{"driver":"node","name":"n1","labels":{"a":1}}"#, "invalid_argument",
            "config.labels.a must be a string of at most 256 bytes"
        ),
    ])
    func `an invalid node config is refused`(config: String, code: String, detail: String) async throws {
        try await withAgent { bench in
            try await bench.expectFailure("start_process", #"{"config":\#(config)}"#, code, detail)
            #expect(bench.agent.descendants.isEmpty)
        }
    }
}
