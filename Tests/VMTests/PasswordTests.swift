import Glibc
import TestSupport
import Testing

extension VMTests {
    /// A broker with passwords that change.
    @Suite struct PasswordTests {
        private let folder: TemporaryFolder
        private var passwords: String { "\(folder.path)/passwords" }

        init() throws { folder = try TemporaryFolder() }

        private func set(_ password: String, of user: String) async throws {
            let flags = access(passwords, F_OK) == 0 ? ["-b"] : ["-b", "-c"]
            let command = ["/usr/bin/mosquitto_passwd"] + flags + [passwords, user, password]
            #expect(try await ChildProcess(command, log: "\(folder.path)/log").ended() == 0)
        }

        @Test func `a guest gets the new password when it connects again, and keeps running`() async throws {
            try await set("test", of: "test")
            try await set("first", of: "fleet")
            try folder.write("first\n", to: "password")
            try await withBroker(.init(tcp: true, extra: ["password_file \(passwords)"])) { broker in
                let user = #""user":"fleet","password_file":"\#(folder.path)/password""#
                var options = AgentProcess.Options(configuration: #"{"stop_grace":5,\#(user)}"#)
                options.vms = true
                let agent = try AgentProcess(options, url: broker.tcpURL)
                defer { agent.kill() }
                try agent.start()
                let client = try await TestClient(broker, .init(user: "test", password: "test"))
                for filter in ["pm/h1/response", "pm/reply/#", "pm/v1/status", "pm/h1/status"] {
                    try await client.subscribe(filter)
                }
                _ = try await client.next { $0.topic == "pm/h1/status" && $0.text == "online" }
                let bench = VMBench(host: AgentBench(broker: broker, agent: agent, client: client, version: .v5))
                let started = try await bench.host.method(.startProcess(.vm("v1")))
                #expect(started["status"] == "success", "\(started)")
                func isOnline() async throws {
                    _ = try await client.next(within: VMBench.patience) {
                        $0.topic == "pm/v1/status" && $0.text == "online"
                    }
                }
                try await isOnline()
                for password in ["second", "third"] {
                    try await client.settle()
                    client.takeAll()
                    try await set(password, of: "fleet")
                    try folder.write("\(password)\n", to: "password")
                    // The broker closes all connections that were authenticated with an old password.
                    kill(broker.pid, SIGHUP)
                    try await isOnline()
                }
                let entry = try await bench.host.method(.getProcess("v1"))["process"]
                #expect(entry?["pid"] == started["pid"] && entry?["restarts"] == 0)
                let answer = try await bench.inside("v1", .call("get_health"))
                #expect(answer["status"] == "success")
                try await agent.stop()
            }
        }
    }
}
