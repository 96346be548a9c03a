import Glibc
import TestSupport
import Testing

/// Every field of a config, beside `path` and `args` of the BlueZero dialect.
@Suite(.serialized) struct BlueZeroConfigTests {
    private func start(_ fields: String, _ bench: AgentBench) async throws -> JSONValue {
        let request = #"{"start_process":{"path":"/bin/sleep","args":["1000"],\#(fields)}}"#
        return try #require(try await bench.ask(request)["start_process"])
    }

    @Test func `all fields are accepted`() async throws {
        try await withAgent { bench in
            let fields =
                #""name":"a","env":{"A":"b"},"restart":{"policy":"always","delay":0},"stop":{"signal":"INT","grace":3},"umask":"027","nice":1,"oom_score_adj":600,"limits":{"open_files":99,"core":0},"stdin":"x","log":{"max_size":4096,"files":2},"health_check":{"command":["true"],"interval":0.1},"ready":{"tcp":"127.0.0.1:9"},"persist":true"#
            let pid = try #require(try await start(fields, bench)["pid"]?.integer)
            let child = SystemProcess(pid)
            #expect(child.environment.contains("A=b") && child.status("Umask") == "0027" && child.openFileLimit == 99)
            #expect(child.arguments == ["/bin/sleep", "1000"] && child.workingDirectory == "/")
            let process = try await bench.method(.getProcess("a"))["process"]
            let expected = try JSONValue(#"{\#(fields),"path":"/bin/sleep","args":["1000"]}"#)
            #expect(process?["config"] == expected && process?["state"] == "starting")
        }
    }

    @Test func `restart and depends_on`() async throws {
        try await withAgent { bench in
            let pid = try #require(
                try await start(#""name":"a","restart":{"policy":"always","delay":0}"#, bench)["pid"]?.integer)
            kill(pid_t(pid), SIGKILL)
            try await bench.entry("a") { $0["state"] == "running" && $0["restarts"] == 1 }
            #expect(try await start(#""name":"b","depends_on":["a"]"#, bench)["success"] == true)
            // The old pid finds no process any more, but still an exit status.
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                ["query_process_status": ["exit_code": 137, "signal": 9, "running": false, "success": true]])
        }
    }

    @Test func `a scheduled process has no pid before its first run`() async throws {
        try await withAgent { bench in
            let answer = try await start(#""name":"a","schedule":"0 0 29 2 *""#, bench)
            #expect(answer == ["success": true])
            #expect(try await bench.entry("a")["next_start"] != nil)
        }
    }

    @Test(arguments: [
        (#""restart":"sometimes""#, "restart"), (#""stop":{"signal":"NIX"}"#, "stop.signal"), (#""nice":20"#, "nice"),
        (#""umask":"9""#, "umask"), (#""limits":{"memory":1}"#, "limits.memory"), (#""stdin":5"#, "stdin"),
        (#""log":{"files":0}"#, "log.files"), (#""health_check":{"tcp":0}"#, "health_check.tcp"),
        (#""ready":{"fd":2}"#, "ready.fd"), (#""depends_on":"a""#, "depends_on"), (#""schedule":"x""#, "schedule"),
        (#""persist":1"#, "persist"), (#""user":"""#, "user"), (#""env":{"A":{"file":"x"}}"#, "env.A.file"),
    ])
    func `a wrong field is refused by its name`(fields: String, name: String) async throws {
        try await withAgent { bench in
            let answer = try await start(fields, bench)
            #expect(answer["success"] == false)
            #expect(answer["error_message"]?.string?.hasPrefix("\(name) ") == true, "\(answer)")
            #expect(bench.agent.descendants.isEmpty)
        }
    }
}
