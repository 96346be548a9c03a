import Glibc
import TestSupport
import Testing

/// The method dialect, with a real agent and real processes.
@Suite(.serialized) struct MethodTests {
    @Test func `a process is started, listed, reset and killed`() async throws {
        try await withAgent { bench in
            let request = #"{"method":"start_process","args":{"config":{"name":"web","command":"sleep 1000"}},"id":7}"#
            let start = try await bench.ask(request)
            let pid = try #require(start["result"]?["pid"]?.integer)
            #expect(
                start == [
                    "id": 7, "request": try JSONValue(request),
                    "result": [
                        "status": "success", "message": "process started successfully", "process_id": "web",
                        "pid": .number(Double(pid)),
                    ],
                ])
            let entry = try await bench.entry("web")
            #expect(
                entry.keys == [
                    "process_id", "name", "pid", "driver", "state", "want", "command", "started_at", "restarts",
                    "uptime",
                ])
            #expect(
                entry["name"] == "web" && entry["driver"] == "exec" && entry["state"] == "running"
                    && entry["want"] == "up")
            #expect(entry["command"] == "sleep 1000" && entry["pid"]?.integer == pid && entry["restarts"] == 0)
            let reset = try await bench.method(.resetProcess("web"))
            let newPID = try #require(reset["pid"]?.integer)
            #expect(newPID != pid && !SystemProcess(pid).exists && SystemProcess(newPID).exists)
            #expect(
                reset == [
                    "status": "success", "message": "process reset successfully", "process_id": "web",
                    "pid": .number(Double(newPID)),
                ])
            #expect(try await bench.entry("web")["restarts"] == 1)
            try await bench.expectMethod(
                .killProcess("web"), ["status": "success", "message": "process kill successfully"])
            #expect(!SystemProcess(newPID).exists)
            let ended = try await bench.entry("web")
            #expect(
                ended.keys == [
                    "process_id", "name", "driver", "state", "want", "command", "started_at", "exited_at", "exit_code",
                    "signal", "restarts",
                ])
            #expect(
                ended["state"] == "exited" && ended["want"] == "down" && ended["exit_code"] == 143
                    && ended["signal"] == 15)
            // An ended process can be reset.
            let again = try await bench.method(.resetProcess("web"))
            #expect(again["status"] == "success")
            #expect(try await bench.entry("web")["restarts"] == 2)
        }
    }

    @Test func `a process can be addressed by its current pid too`() async throws {
        try await withAgent { bench in
            let first = try await bench.start(.sleep("a"))
            let reset = try await bench.method(.call("reset_process", ["process_id": .integer(first)]))
            let second = try #require(reset["pid"]?.integer)
            try await bench.expectMethod(
                .call("kill_process", ["process_id": .integer(first)]),
                [
                    "status": "failed", "message": "process failed to be killed",
                    "error": ["code": "no_such_process", "detail": "no such pid"],
                ])
            try await bench.expectMethod(
                .call("kill_process", ["process_id": .integer(second)]),
                ["status": "success", "message": "process kill successfully"])
        }
    }

    @Test func `a name in use is refused, and an ended process of that name is replaced`() async throws {
        try await withAgent { bench in
            let config = ProcessConfig.sleep("a")
            let pid = try await bench.start(config)
            try await bench.expectMethod(
                .startProcess(config),
                [
                    "status": "failed", "message": "process failed to start",
                    "error": ["code": "name_in_use", "detail": "a is in use by a live process"],
                ])
            #expect(SystemProcess(pid).exists)
            _ = try await bench.method(.killProcess("a"))
            let new = try await bench.start(.command("sleep 2000", name: "a"))
            let entry = try await bench.entry("a")
            #expect(
                entry["command"] == "sleep 2000" && entry["pid"]?.integer == new && entry["exit_code"] == nil
                    && entry["restarts"] == 0)
            #expect(try await bench.method("get_processes")["process"]?.array?.count == 1)
            // The exit status of the replaced process is still known by its pid.
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                ["query_process_status": ["exit_code": 143, "signal": 15, "running": false, "success": true]])
        }
    }

    @Test func `an ended process is kept when its replacement does not start`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            _ = try await bench.method(.killProcess("a"))
            let failed = try await bench.method(.startProcess(.command("/no/such", name: "a")))
            #expect(
                failed["error"] == ["code": "exec_failed", "detail": "program /no/such: no such file or directory"])
            #expect(try await bench.entry("a")["state"] == "exited")
            #expect(try await bench.method(.resetProcess("a"))["pid"]?.integer != pid)
        }
    }

    @Test func `a process without a name is named after its program`() async throws {
        try await withAgent { bench in
            let script = try TemporaryFolder()
            try script.write("#!/bin/sh\nexec sleep 1000\n", to: "my prog.sh")
            #expect(chmod("\(script.path)/my prog.sh", 0o700) == 0)
            let cases = [
                (#"{"command":"sleep 1000"}"#, "sleep"), (#"{"command":["/bin/sleep","1000"]}"#, "sleep"),
                (#"{"path":"/bin/sleep","command":"1000"}"#, "sleep"),
                (#"{"path":"/tmp","command":"sleep 1000"}"#, "sleep"),
                (#"{"path":"\#(script.path)/my prog.sh"}"#, "my-prog.sh"),
            ]
            var names: Set<String> = []
            for (config, program) in cases {
                let result = try await bench.method("start_process", #"{"config":\#(config)}"#)
                let name = try #require(result["process_id"]?.string)
                #expect(
                    name.hasPrefix(program + "-") && Int(name.dropFirst(program.count + 1)) != nil, "\(config): \(name)"
                )
                names.insert(name)
            }
            #expect(names.count == cases.count)
        }
    }

    @Test(arguments: ["kill_process", "reset_process"]) func `an unknown process is an error`(method: String)
        async throws
    {
        try await withAgent { bench in
            let message: JSONValue =
                method == "kill_process" ? "process failed to be killed" : "process failed to be reset"
            for (id, detail) in [
                (#""web""#, "no such process: web"), ("999999", "no such pid"),
                (#""999999""#, "no such process: 999999"),
            ] {
                try await bench.expectMethod(
                    method, #"{"process_id":\#(id)}"#,
                    [
                        "status": "failed", "message": message,
                        "error": ["code": "no_such_process", "detail": .string(detail)],
                    ])
            }
        }
    }

    @Test func `the answer to get_health matches the retained health`() async throws {
        try await withAgent { bench in
            let answer = try await bench.method("get_health")
            let watcher = try await bench.watcher(of: bench.topic("health"))
            let retained = try await watcher.next(on: bench.topic("health")).value
            let fields: Set = [
                "host", "health", "reasons", "timestamp", "interval", "seq", "session", "uptime", "version", "load",
                "cpus",
                "memory_total", "memory_available", "processes", "agent",
            ]
            #expect(retained.keys == fields)
            #expect(answer.keys == fields.union(["status"]))
            #expect(answer["status"] == "success" && answer["health"] == "good" && answer["reasons"] == [])
            for same in ["host", "session", "version", "interval", "cpus", "memory_total", "processes"] {
                #expect(answer[same] == retained[same])
            }
            #expect(answer["processes"] == ["running": 0, "failed": 0, "total": 0])
            #expect(answer["agent"]?["rss"]?.integer ?? 0 > 1 << 20)
            #expect(answer["interval"] == 10 && answer["host"] == "h1" && answer["load"]?.array?.count == 3)
        }
    }
}
