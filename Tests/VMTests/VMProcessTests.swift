import Glibc
import TestSupport
import Testing

extension VMTests {
    /// Tests with real guests.
    @Suite struct VMProcessTests {
        @Test func `a VM is a host, runs a process, and ends in an orderly way`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start(
                    "v1", ["memory_mb": 128, "cpus": 1, "labels": ["rack": "7"]], isBooted: true)
                let watcher = try await bench.host.watcher(of: "pm/v1/info")
                let info = try await watcher.next(on: "pm/v1/info").value
                #expect(info["generation"] == "g-v1" && info["labels"] == ["rack": "7"])
                let started = try await bench.inside("v1", .startProcess(.sleep("p")))
                #expect(started["status"] == "success" && (started["pid"]?.integer ?? 0) > 1)
                // The guest has its own kernel, and its clock is that of the host.
                let seen = try await bench.shell("v1", "cat /proc/sys/kernel/random/boot_id; hostname; date +%s; nproc")
                let lines = seen.split(separator: "\n")
                #expect(lines.count == 4 && lines[1] == "v1" && lines[3] == "1", "\(seen)")
                #expect(abs((lines.dropFirst(2).first.flatMap { Int($0) } ?? 0) - time(nil)) < 10)

                let status = try await bench.host.watcher(of: "pm/v1/status")
                let result = try await bench.host.method(.killProcess("v1"))
                #expect(result["status"] == "success")
                _ = try await status.next { $0.text == "offline" }
                let entry = try await bench.state("exited", of: "v1")
                #expect(entry["exit_code"] == 0)
                // A template may be in preparation.
                let left = bench.host.agent.descendants.filter { !$0.arguments.contains("template") }
                #expect(!SystemProcess(pid).exists && left.isEmpty)
            }
        }

        @Test func `the guest has the requested processors and memory`() async throws {
            try await withVMs { bench in
                try await bench.start("v1", ["memory_mb": 192, "cpus": 2], isBooted: true)
                let seen = try await bench.shell(
                    "v1", "nproc; sed -n 's/MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo")
                let numbers = seen.split(separator: "\n").compactMap { Int($0) }
                #expect(numbers.first == 2 && (140_000...192_000).contains(numbers.last ?? 0), "\(seen)")
            }
        }

        /// QEMU needs memory for each processor.
        @Test func `a VM with twelve processors comes up`() async throws {
            try await withVMs { bench in
                // The guest's kernel needs memory for each processor as well, and the image of a debug build is large.
                try await bench.start("v1", ["memory_mb": 256, "cpus": 12], isBooted: true)
                #expect(try await bench.shell("v1", "nproc") == "12")
            }
        }

        @Test func `QEMU has its own user, a sandbox, and its own network`() async throws {
            try await withVMs { bench in
                let pid = try await bench.start("v1")
                let qemu = try #require(SystemProcess(pid).children.first)
                #expect(qemu.arguments.first?.hasSuffix("qemu-system-x86_64") == true)
                #expect(qemu.status("Seccomp") == "2" && qemu.status("NoNewPrivs") == "1")
                if geteuid() == 0 {
                    for line in ["Uid", "Gid"] {
                        let numbers = Set(qemu.status(line)?.split(separator: "\t") ?? [])
                        #expect(numbers == ["\(0x7000_0000 + pid)"])
                    }
                    #expect(qemu.status("Groups")?.split(separator: " ") == ["\(0x7000_0000 + pid)"])
                    #expect(qemu.status("CapEff") == "0000000000000000")
                }
                #expect(qemu.network != SystemProcess(Int(getpid())).network)
            }
        }

        /// QEMU's memory contains the guest's password.
        @Test(.enabled(if: geteuid() == 0)) func `no process or other VM can read a guest's memory`() async throws {
            try await withVMs { bench in
                func qemu(_ id: String) async throws -> SystemProcess {
                    try #require(SystemProcess(try await bench.start(id)).children.first)
                }
                let qemus = [try await qemu("v1"), try await qemu("v2")]
                let users = qemus.map { $0.status("Uid")?.split(separator: "\t").first.map(String.init) ?? "" }
                #expect(Set(users + ["0", "65534", ""]).count == 5)
                for user in ["nobody", users[1]] {
                    let script =
                        "head -c 1 /proc/\(qemus[0].pid)/maps && echo readable; ls -l /proc/\(qemus[0].pid)/fd && echo listed"
                    let config = ProcessConfig.shell(script, name: "thief").with("user", .string(user))
                    let started = try await bench.host.method(.startProcess(config))
                    #expect(started["status"] == "success", "\(started)")
                    _ = try await bench.state("exited", of: "thief")
                    let log = try await bench.log("thief")
                    #expect(log.contains("ermission denied") && !log.contains("readable") && !log.contains("listed"))
                }
            }
        }

        @Test func `the guest reaches the broker, and nothing else on the host`() async throws {
            let server = try LocalServer()
            try server.open()
            try await withVMs(broker: .init(tcp: true)) { bench in
                try await bench.start("v1")
                // In QEMU's own user network, 10.0.2.2 is the host's loopback.
                let script = """
                    try() { if nc -w 3 "$1" "$2" </dev/null >/dev/null 2>&1; then echo "$2 yes"; else echo "$2 no"; fi; }
                    try 10.0.2.2 1883; try 10.0.2.2 \(server.port); try 10.0.2.2 \(bench.host.broker.port)
                    try 127.0.0.1 \(server.port); try 10.0.2.3 53; try 192.0.2.1 80
                    """
                let seen = try await bench.shell("v1", script)
                let expected = [
                    "1883 yes", "\(server.port) no", "\(bench.host.broker.port) no", "\(server.port) no", "53 no",
                    "80 no",
                ]
                #expect(seen.split(separator: "\n").map(String.init) == expected)
            }
            server.close()
        }

        @Test func `credentials are in no command line, environment or message`() async throws {
            let folder = try TemporaryFolder()
            let file = "\(folder.path)/passwords"
            let maker = try ChildProcess(
                ["/usr/bin/mosquitto_passwd", "-b", "-c", file, "fleet", "s3cr3t:p@ss"], log: "\(folder.path)/log")
            #expect(try await maker.ended() == 0)
            var options = Broker.Options(tcp: true, extra: ["password_file \(file)"])
            options.extra.append("log_type all")
            try await withBroker(options) { broker in
                let watcher = try await TestClient(broker)
                try await watcher.subscribe("#")
                let url = "mqtt://fleet:s3cr3t%3Ap%40ss@127.0.0.1:\(broker.port)"
                // The agent reads the broker's address, with the password, from a file that only it may read.
                var setting = AgentProcess.Options(configuration: #"{"broker":"\#(url)"}"#)
                setting.vms = true
                let agent = try AgentProcess(setting, url: "")
                defer { agent.kill() }
                try agent.start()
                _ = try await watcher.next { $0.topic == "pm/h1/status" && $0.text == "online" }
                try await watcher.publish(
                    "pm/h1/control",
                    #"{"method":"start_process","args":{"config":{"name":"v1","driver":"qemu","generation":"g"}}}"#)
                _ = try await watcher.next(within: VMBench.patience) {
                    $0.topic == "pm/v1/status" && $0.text == "online"
                }
                #expect(broker.log.contains("pm-agent-v1 (p5, c1, k20, u'fleet')"))
                for process in agent.descendants {
                    let shown = process.arguments + process.environment
                    #expect(!shown.contains { $0.contains("s3cr3t") }, "\(process.arguments)")
                }
                for message in watcher.takeAll() { #expect(!message.text.contains("s3cr3t"), "\(message.topic)") }
            }
        }
    }
}
