import Glibc
import TestSupport
import Testing

/// `health_check`: an unhealthy process is reported, and restarted if its policy says so.
@Suite(.serialized) struct HealthCheckTests {
    private static let quick = #""interval":0.1,"retries":2"#

    @Test func `an unhealthy process is only reported if its policy is never`() async throws {
        try await withAgent { bench in
            let sign = "\(bench.agent.folder.path)/sign"
            try bench.agent.folder.write("", to: "sign")
            let pid = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"command":["test","-e","\#(sign)"],\#(Self.quick)}}"#
            )
            #expect(try await bench.entry("a") { $0["healthy"] == true }["state"] == "running")
            unlink(sign)
            let entry = try await bench.entry("a") { $0["healthy"] == false }
            #expect(entry["state"] == "running" && entry["pid"]?.integer == pid && entry["restarts"] == 0)
            try await bench.health(["process a is unhealthy: exit code 1"])
            try bench.agent.folder.write("", to: "sign")
            try await bench.entry("a") { $0["healthy"] == true }
            try await bench.health([])
            #expect(SystemProcess(pid).exists)
        }
    }

    @Test(arguments: ["on_failure", "always"]) func `an unhealthy process is restarted`(policy: String) async throws {
        try await withAgent { bench in
            // Each run but the first makes itself healthy.
            let folder = bench.agent.folder.path
            let script = "[ ! -e \(folder)/first ] || : > \(folder)/sign; : > \(folder)/first; exec sleep 1000"
            let check = #"{"command":"test -e \#(folder)/sign",\#(Self.quick)}"#
            let pid = try await bench.start(
                config:
                    #"{"name":"a","command":\#(shell(script)),"health_check":\#(check),"restart":{"policy":"\#(policy)","delay":0}}"#
            )
            let entry = try await bench.entry("a") { $0["healthy"] == true }
            #expect(entry["restarts"] == 1 && entry["pid"]?.integer != pid && !SystemProcess(pid).exists)
            try await bench.health([])
        }
    }

    @Test func `an unhealthy process fails after too many restarts`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"command":"false",\#(Self.quick)},"restart":{"policy":"always","delay":0,"start_limit":1}}"#
            )
            let entry = try await bench.state("failed", of: "a")
            #expect(entry["error"] == "1 restarts within 600 s, last unhealthy: exit code 1" && entry["restarts"] == 1)
            try await bench.health(["process a failed: 1 restarts within 600 s, last unhealthy: exit code 1"])
        }
    }

    @Test func `a port that refuses is unhealthy`() async throws {
        let server = try LocalServer()
        try server.open()
        try await withAgent { bench in
            _ = try await bench.start(
                config: #"{"name":"a","command":"sleep 1000","health_check":{"tcp":\#(server.port),\#(Self.quick)}}"#)
            try await bench.entry("a") { $0["healthy"] == true }
            server.close()
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: connection refused"])
        }
    }

    @Test func `an HTTP answer that is no success is unhealthy`() async throws {
        let server = try LocalServer(status: 503)
        try server.open()
        try await withAgent { bench in
            _ = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"http":"http://127.0.0.1:\#(server.port)/x",\#(Self.quick)}}"#
            )
            try await bench.entry("a") { $0["healthy"] == false }
            #expect(
                try await bench.method("get_health")["reasons"]?.array?.first?.string?.contains("503") == true)
            server.answer(with: 302)
            try await bench.entry("a") { $0["healthy"] == true }
            try await bench.health([])
        }
    }

    @Test func `a check that takes too long has failed, and leaves no process`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"command":\#(shell("setsid sleep 999 & sleep 998")),"interval":0.1,"timeout":0.2,"retries":1}}"#
            )
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: no result within 0.2 s"])
            try await bench.kill("a")
            try await eventually("the checks' end") { bench.agent.descendants.isEmpty }
            #expect(!SystemProcess(pid).exists)
        }
    }

    @Test(arguments: [
        ("echo starting; echo disk full >&2; exit 3", "exit code 3: disk full"),
        ("printf 'no newline'; exit 1", "exit code 1: no newline"),
        ("echo said; echo; exit 1", "exit code 1: said"),
        ("printf '\\\\033[31mred\\\\033[0m\\\\a\\\\r\\\\n'; exit 1", "exit code 1: red"),
        ("exit 1", "exit code 1"),
        ("echo x > /dev/stdout; echo opened > /dev/stderr; exit 1", "exit code 1: opened"),
        ("echo its last words; kill -9 $$", "exit code 137: its last words"),
        ("echo hanging; sleep 998", "no result within 0.5 s: hanging"),
    ])
    func `the last line of a failing check is in the reason`(script: String, reason: String) async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"command":\#(shell(script)),"interval":0.1,"timeout":0.5,"retries":1}}"#
            )
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: \(reason)"])
            #expect(try await bench.entry("a")["error"]?.string == "unhealthy: \(reason)")
            try await bench.kill("a")
            try await eventually("the checks' end") { bench.agent.descendants.isEmpty }
        }
    }

    @Test func `a check that floods neither blocks nor fills anything`() async throws {
        try await withAgent { bench in
            let child = try Binaries.testChild
            let script = "\(child) --flood 300000 --exit 0; printf '%05000d' 7; exit 4"
            _ = try await bench.start(
                config:
                    #"{"name":"a","command":"sleep 1000","health_check":{"command":\#(shell(script)),"interval":0.1,"timeout":60,"retries":1}}"#
            )
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: exit code 4: \(String(repeating: "0", count: 253))…"])
        }
    }

    @Test func `a process that listens on either loopback address is healthy`() async throws {
        let server = try LocalServer()
        try server.open()
        let six = try LocalServer(isSix: true)
        try six.open()
        try await withAgent { bench in
            for (id, port) in [("four", server.port), ("six", six.port)] {
                for (kind, probe) in [
                    ("port", #""tcp":\#(port)"#), ("name", #""tcp":"localhost:\#(port)""#),
                    ("url", #""http":"http://localhost:\#(port)/""#),
                ] {
                    _ = try await bench.start(
                        config:
                            #"{"name":"\#(id)-\#(kind)","command":"sleep 1000","ready":{"tcp":\#(port)},"health_check":{\#(probe),\#(Self.quick)}}"#
                    )
                    #expect(try await bench.entry("\(id)-\(kind)") { $0["healthy"] != nil }["healthy"] == true)
                }
            }
        }
    }

    @Test func `a check that can't be executed has failed`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                .sleep("a").with("health_check", ["command": "/no/such", "interval": 0.1, "retries": 1]))
            try await bench.entry("a") { $0["healthy"] == false }
            try await bench.health(["process a is unhealthy: program /no/such: no such file or directory"])
        }
    }

    @Test func `a check runs as the process does`() async throws {
        try await withAgent { bench in
            let check = shell("[ $A = b ] && [ $(pwd) = \(bench.agent.folder.path) ]")
            _ = try await bench.start(
                config:
                    #"{"name":"a","path":"\#(bench.agent.folder.path)","command":"sleep 1000","env":{"A":"b"},"health_check":{"command":\#(check),"interval":0.1,"retries":1}}"#
            )
            #expect(try await bench.entry("a") { $0["healthy"] != nil }["healthy"] == true)
        }
    }
}
