import Glibc
import TestSupport
import Testing

/// The policy in the agent's configuration restricts requests.
@Suite(.serialized) struct PolicyTests {
    private func withPolicy(
        _ policy: String, runsAsOwn: Bool = true, _ body: (AgentBench) async throws -> Void
    ) async throws {
        var options = AgentProcess.Options(configuration: #"{"stop_grace":5,\#(policy)}"#)
        options.runsAsOwn = runsAsOwn
        try await withAgent(options) { try await body($0) }
    }

    /// With an agent that gets its broker's address from `options`.
    private func withBench(
        _ options: AgentProcess.Options, at broker: Broker, _ body: (AgentBench) async throws -> Void
    ) async throws {
        let agent = try AgentProcess(options, url: broker.url)
        defer { agent.kill() }
        try agent.start()
        let client = try await TestClient(broker)
        for filter in ["pm/h1/response", "pm/reply/#"] { try await client.subscribe(filter) }
        let bench = AgentBench(broker: broker, agent: agent, client: client, version: .v5)
        try await bench.isOnline()
        try await body(bench)
        try await agent.stop()
    }

    @Test func `a program that is not listed is not started, and replaces no ended process`() async throws {
        try await withPolicy(#""policy":{"allow":["/usr/bin/sleep","/usr/bin/true","/usr/bin/coreutils"]}"#) { bench in
            let states = try await bench.watcher(of: bench.topic("process/a"))
            _ = try await bench.method(.startProcess(.command("true", name: "a")))
            _ = try await states.next { $0.text.contains(#""state":"exited""#) }
            for config in [
                #"{"name":"a","command":"sh -c true"}"#, #"{"name":"a","command":"/usr/bin/../bin/sh -c true"}"#,
                #"{"name":"a","path":"/usr/bin/env","command":"sleep 1"}"#,
                #"{"name":"a","command":"sleep 1","env":{"LD_PRELOAD":"/tmp/x.so"}}"#,
                #"{"name":"a","command":"sleep 1","env":{"PATH":"/tmp"}}"#,
            ] {
                let result = try await bench.method("start_process", #"{"config":\#(config)}"#)
                #expect(result["error"]?["code"] == "not_allowed", "\(config): \(result)")
                #expect(result["error"]?["detail"]?.string?.contains("\"policy\"") == true, "\(result)")
            }
            let old = try await bench.ask(.startProcess(path: "/bin/sh", args: ["-c", "true"]))
            #expect(old["start_process"]?["success"] == false)
            let kept = try await bench.method(.getProcess("a"))["process"]
            #expect(kept?["state"] == "exited" && kept?["command"]?.string?.contains("true") == true)
            _ = try await bench.start(.sleep())
        }
    }

    @Test func `a process that may not be started again is not stopped for a reset`() async throws {
        try await withPolicy(#""policy":{"allow":["/usr/bin/sleep"]}"#) { bench in
            let pid = try await bench.start(.sleep("web"))
            let processes = #"[{"name":"web","command":"sh -c true"},{"name":"other","command":"sleep 1000"}]"#
            let applied = try await bench.method("apply", #"{"processes":\#(processes)}"#)
            #expect(applied["failed"]?.array?.count == 1 && applied["started"] == ["other"], "\(applied)")
            try bench.agent.folder.write(#"{"policy":{"allow":[]}}"#, to: "agent.json")
            bench.agent.signal(SIGHUP)
            try await eventually("the reload") { bench.agent.log.contains("read the configuration again") }
            let reset = try await bench.method(.resetProcess("web"))
            #expect(reset["error"]?["code"] == "not_allowed")
            #expect(try await bench.method(.getProcess("web"))["process"]?["pid"]?.integer == pid)
        }
    }

    @Test func `a health check is restricted like a process`() async throws {
        try await withPolicy(#""policy":{"allow":["/usr/bin/sleep","/usr/bin/coreutils"]}"#) { bench in
            let config = ProcessConfig.sleep().with("health_check", ["command": "sh -c true", "interval": 0.1])
            let result = try await bench.method(.startProcess(config))
            #expect(result["error"]?["code"] == "not_allowed", "\(result)")
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test func `a node inherits the policy`() async throws {
        try await withPolicy(#""policy":{"allow":["/usr/bin/sleep","/usr/bin/coreutils"]}"#) { bench in
            let watcher = try await bench.watcher(of: "pm/n/status")
            _ = try await bench.start(.node("n"))
            _ = try await watcher.next { $0.text == "online" }
            let inbox = "pm/reply/inner"
            var properties = Message.Properties()
            properties.responseTopic = inbox
            try await bench.client.publish(
                "pm/n/control", #"{"method":"start_process","args":{"config":{"command":"sh -c true"}}}"#,
                properties: properties)
            let answer = try await bench.client.next(on: inbox).value
            #expect(answer["result"]?["error"]?["code"] == "not_allowed")
        }
    }

    @Test func `the host's own specs are not restricted by the policy`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(#"{"name":"own","command":"sh -c 'exec sleep 1000'"}"#, to: "own.json")
        try await withPolicy(#""processes_dir":"\#(folder.path)","policy":{"allow":[]}"#) { bench in
            let own = try await bench.watcher(of: bench.topic("process/own"))
            _ = try await own.next { $0.text.contains(#""state":"running""#) }
            let result = try await bench.method(.startProcess(.sleep()))
            #expect(result["error"]?["code"] == "not_allowed")
        }
    }

    @Test func `with a remote broker nothing is started until the policy allows it`() async throws {
        try await withBroker(.init(tcp: true)) { broker in
            // An address of this host that the agent does not recognize as local.
            let options = AgentProcess.Options(url: "mqtt://0.0.0.0:\(broker.port)")
            try await withBench(options, at: broker) { bench in
                let result = try await bench.method(.startProcess(.command("true")))
                #expect(result["error"]?["code"] == "not_allowed")
                #expect(result["error"]?["detail"]?.string?.contains(#""policy": {"allow""#) == true)
                #expect(bench.agent.log.contains(#""policy": {"allow""#))
                try bench.agent.folder.write(#"{"policy":{"allow":["/usr/bin/*"]}}"#, to: "agent.json")
                bench.agent.signal(SIGHUP)
                try await eventually("the reload") { bench.agent.log.contains("read the configuration again") }
                #expect(
                    try await bench.method(.startProcess(.command("true")))["status"] == "success")
            }
        }
    }

    @Test func `a narrower policy applies from SIGHUP on, even if other settings have changed`() async throws {
        try await withBroker { broker in
            func configuration(_ user: String, _ allowed: String) -> String {
                #"{"broker":"\#(broker.url)","user":"\#(user)","policy":{"allow":["\#(allowed)"]}}"#
            }
            try await withBench(.init(configuration: configuration("one", "/**"), url: ""), at: broker) { bench in
                #expect(
                    try await bench.method(.startProcess(.command("true")))["status"] == "success")
                try bench.agent.folder.write(configuration("two", "/usr/bin/sleep"), to: "agent.json")
                bench.agent.signal(SIGHUP)
                try await eventually("the reload") { bench.agent.log.contains("read the configuration again") }
                #expect(bench.agent.log.contains("broker has changed: this takes a restart"))
                let result = try await bench.method(.startProcess(.command("true")))
                #expect(result["error"]?["code"] == "not_allowed")
            }
        }
    }

    @Test func `a local broker in the new configuration allows nothing before a restart`() async throws {
        try await withBroker(.init(tcp: true)) { broker in
            func configuration(_ url: String) -> String { #"{"broker":"\#(url)"}"# }
            let elsewhere = configuration("mqtt://0.0.0.0:\(broker.port)")
            try await withBench(.init(configuration: elsewhere, url: ""), at: broker) { bench in
                try bench.agent.folder.write(configuration(broker.url), to: "agent.json")
                bench.agent.signal(SIGHUP)
                try await eventually("the reload") { bench.agent.log.contains("read the configuration again") }
                #expect(
                    bench.agent.log.contains(
                        "broker, and with it the default policy, has changed: this takes a restart"))
                let result = try await bench.method(.startProcess(.command("true")))
                #expect(result["error"]?["code"] == "not_allowed")
            }
        }
    }

    @Test func `a refusal does not reveal which paths exist`() async throws {
        let folder = try TemporaryFolder()
        mkdir("\(folder.path)/closed", 0o700)
        chmod(folder.path, 0o711)
        try folder.write("#!/bin/sh\n", to: "present")
        chmod("\(folder.path)/present", 0o755)
        symlink("\(folder.path)/present", "\(folder.path)/linked")
        symlink("\(folder.path)/nowhere", "\(folder.path)/dangling")
        let policies = [
            #""allow":["/usr/bin/sleep","/usr/bin/coreutils"]"#,
            #""allow":["/usr/bin/sleep","/usr/bin/coreutils"],"directories":["/srv/**"]"#,
        ]
        let user = geteuid() == 0 ? #","user":"nobody""# : ""
        for policy in policies {
            try await withPolicy(#""policy":{\#(policy),"users":["nobody"],"environment":["S"]}"#) { bench in
                func refusals(_ config: (String) -> String, _ names: [String]) async throws -> Set<String> {
                    var refusals: Set<String> = []
                    for name in names {
                        let request = #"{"config":\#(config(name))}"#
                        let error = try await bench.method("start_process", request)["error"]
                        #expect(error?["code"] == "not_allowed", "\(request): \(String(describing: error))")
                        let detail = error?["detail"]?.string?.replacing(name, with: "X") ?? ""
                        refusals.insert(detail)
                    }
                    return refusals
                }
                let names = ["present", "missing", "linked", "dangling", "missing/below", "present/below"]
                let here = { (name: String) in "\(folder.path)/\(name)" }
                let programs = try await refusals({ #"{"command":"\#(here($0))"}"# }, names + ["closed"])
                #expect(programs.count == 1)
                let places = try await refusals({ #"{"path":"\#(here($0))","command":"sleep 1"\#(user)}"# }, names)
                #expect(places.count == 1)
                if geteuid() == 0 {
                    let closed = try await refusals(
                        { #"{"path":"\#(here($0))","command":"sleep 1"\#(user)}"# }, ["closed"])
                    #expect(closed == places)
                }
                let files = try await refusals(
                    { #"{"command":"sleep 1","env":{"S":{"file":"\#(here($0))"}}}"# }, names + ["closed"])
                #expect(files.count == 1)
                #expect(try await refusals({ #"{"command":"\#($0)"}"# }, ["sh", "no-such-program"]).count == 1)
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `processes of root gain no privileges unless config and policy allow it`()
        async throws
    {
        try await withPolicy(#""health_interval":10"#, runsAsOwn: false) { bench in
            let plain = SystemProcess(try await bench.start(.sleep()))
            #expect(plain.status("NoNewPrivs") == "1")
            let old = try await bench.ask(.startProcess(path: "/bin/sleep", args: ["1000"]))
            let pid = try #require(old["start_process"]?["pid"]?.integer)
            #expect(SystemProcess(pid).status("NoNewPrivs") == "1")
            let free = SystemProcess(
                try await bench.start(.sleep().with("new_privileges", true)))
            #expect(free.status("NoNewPrivs") == "0")
        }
        for (rule, isAllowed) in [
            ("", false), (#","new_privileges":false"#, false), (#","new_privileges":true"#, true),
        ] {
            let policy = #""policy":{"allow":["/usr/bin/sleep","/usr/bin/coreutils"]\#(rule)}"#
            try await withPolicy(policy) { bench in
                let result = try await bench.method(.startProcess(.sleep().with("new_privileges", true)))
                #expect(result["status"] == (isAllowed ? "success" : "failed"))
                if !isAllowed { #expect(result["error"]?["code"] == "not_allowed") }
            }
        }
    }

    @Test func `secrets that other users can access are logged`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "password")
        for (mode, words) in [
            (0o600, nil), (0o604, "every user can read it"), (0o602, "every user can write it"),
        ] as [(mode_t, String?)] {
            chmod("\(folder.path)/password", mode)
            let configuration = #"{"user":"me","password_file":"\#(folder.path)/password"}"#
            try folder.write(configuration, to: "agent.json")
            let command = [
                try Binaries.agent, "--host", "h1", "--broker", "unix:///nowhere", "--state-dir", folder.path,
                "--config", "\(folder.path)/agent.json", "--check-config",
            ]
            let process = try ChildProcess(command, log: "\(folder.path)/log-\(mode)")
            #expect(try await process.ended() == 0)
            let log = folder.read("log-\(mode)")
            let told = words.map { " warning pm-agent: password_file \(folder.path)/password: \($0)\n" } ?? ""
            #expect(log.hasSuffix(told) && log.isEmpty == told.isEmpty)
        }
    }

    @Test func `a secret in a directory where other users can exchange it is logged`() async throws {
        let folder = try TemporaryFolder()
        mkdir("\(folder.path)/open", 0o700)
        try folder.write("secret", to: "open/password")
        chmod("\(folder.path)/open/password", 0o600)
        try folder.write(#"{"user":"me","password_file":"\#(folder.path)/open/password"}"#, to: "agent.json")
        for (mode, isTold) in [(0o700, false), (0o777, true), (0o1777, false)] as [(mode_t, Bool)] {
            chmod("\(folder.path)/open", mode)
            let command = [
                try Binaries.agent, "--host", "h1", "--broker", "unix:///nowhere", "--state-dir", folder.path,
                "--config", "\(folder.path)/agent.json", "--check-config",
            ]
            #expect(try await ChildProcess(command, log: "\(folder.path)/log-\(mode)").ended() == 0)
            #expect(folder.read("log-\(mode)").contains("every user can replace it") == isTold)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `an agent that is root does not run processes as root by default`()
        async throws
    {
        try await withPolicy(#""health_interval":10"#, runsAsOwn: false) { bench in
            let child = SystemProcess(try await bench.start(.sleep()))
            #expect(child.status("Uid")?.split(separator: "\t").contains("0") == false)
            #expect(child.status("Groups")?.split(separator: " ").contains("0") == false)
            let old = try await bench.ask(.startProcess(path: "/bin/sleep", args: ["1000"]))
            let pid = try #require(old["start_process"]?["pid"]?.integer)
            #expect(SystemProcess(pid).status("Uid")?.split(separator: "\t").contains("0") == false)
            let root = SystemProcess(try await bench.start(.sleep().with("user", "root")))
            #expect(root.status("Uid")?.split(separator: "\t").first == "0")
        }
    }

    @Test(arguments: [
        (#""policy":{"allow":["bin/*"]}"#, "absolute paths"), (#""policy":{"alow":[]}"#, "alow"),
        (#""policy":{"users":["no-such-user"]}"#, "no-such-user"), (#""policy":[]"#, "an object"),
        (#""run_as":"no-such-user""#, "no-such-user"),
    ])
    func `an invalid policy is refused at the start`(policy: String, reason: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("{\(policy)}", to: "agent.json")
        let command = [
            try Binaries.agent, "--host", "h1", "--broker", "unix:///nowhere", "--state-dir", folder.path, "--config",
            "\(folder.path)/agent.json", "--check-config",
        ]
        let process = try ChildProcess(command, log: "\(folder.path)/log")
        try await eventually("the end") { !process.isRunning }
        #expect(process.end(with: SIGKILL) >> 8 & 0xFF == 100)
        #expect(folder.read("log").contains(reason), "\(folder.read("log"))")
    }
}
