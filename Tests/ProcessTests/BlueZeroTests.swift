import Glibc
import TestSupport
import Testing

/// The BlueZero dialect, against a real agent and real processes.
@Suite(.serialized) struct BlueZeroTests {
    @Test func `a process is started, queried, listed and stopped`() async throws {
        try await withAgent { bench in
            try await bench.expect(.listActiveProcesses, ["list_active_processes": ["pids": []]])
            let start = try await bench.ask(.startProcess(path: "/bin/sleep", args: ["1000"]))
            let pid = try #require(start["start_process"]?["pid"]?.integer)
            #expect(start == ["start_process": ["pid": .number(Double(pid)), "success": true]])
            #expect(SystemProcess(pid).arguments == ["/bin/sleep", "1000"])
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                [
                    "query_process_status": ["running": true, "success": true]
                ])
            try await bench.expect(
                .listActiveProcesses,
                [
                    "list_active_processes": ["pids": [.number(Double(pid))]]
                ])
            try await bench.expect(.stopProcess(pid: pid), ["stop_process": ["success": true]])
            #expect(!SystemProcess(pid).exists)
            try await bench.expect(
                .queryProcessStatus(pid: pid),
                ["query_process_status": ["exit_code": 143, "signal": 15, "running": false, "success": true]])
            try await bench.expect(
                .stopProcess(pid: pid),
                ["stop_process": ["error_message": "no such pid", "success": false]])
            try await bench.expect(.listActiveProcesses, ["list_active_processes": ["pids": []]])
        }
    }

    @Test func `an ended process is reported with its exit code, or 128 plus the signal`() async throws {
        try await withAgent { bench in
            for (script, code, signal) in [
                ("exit 0", 0, 0), ("exit 1", 1, 0), ("exit 255", 255, 0), ("kill -9 $$", 137, 9),
                ("kill -TERM $$", 143, 15), ("kill -6 $$", 134, 6),
            ] {
                let pid = try await bench.sh(script)
                let query = #"{"query_process_status":{"pid":\#(pid)}}"#
                var answer = try await bench.ask(query)
                while answer["query_process_status"]?["running"] == true { answer = try await bench.ask(query) }
                var fields: [String: JSONValue] = [
                    "exit_code": .number(Double(code)), "running": false, "success": true,
                ]
                if signal > 0 { fields["signal"] = .number(Double(signal)) }
                #expect(answer == ["query_process_status": .object(fields)])
            }
        }
    }

    @Test func `pids are listed in ascending order`() async throws {
        try await withAgent { bench in
            var pids: [Int] = []
            for _ in 0..<5 { pids.append(try await bench.sh("exec sleep 1000")) }
            let list = try await bench.ask(.listActiveProcesses)
            #expect(list["list_active_processes"]?["pids"]?.array?.compactMap(\.integer) == pids.sorted())
        }
    }

    @Test func `a failed start is answered with errno's message`() async throws {
        try await withAgent { bench in
            let folder = try TemporaryFolder()
            try folder.write("text", to: "plain")
            try folder.write("#!/no/such/interpreter\n", to: "orphan")
            try folder.write("neither script nor program", to: "junk")
            for name in ["orphan", "junk"] { #expect(chmod("\(folder.path)/\(name)", 0o700) == 0) }
            let cases = [
                ("/no/such/program", "no such file or directory"), (folder.path, "permission denied"),
                ("\(folder.path)/plain", "permission denied"), ("\(folder.path)/plain/x", "not a directory"),
                ("\(folder.path)/orphan", "no such file or directory"), ("\(folder.path)/junk", "exec format error"),
                ("bin/true", "path must be absolute"), ("", "path must be absolute"),
                ("/" + String(repeating: "x", count: 300), "file name too long"),
            ]
            for (path, reason) in cases {
                try await bench.expect(
                    #"{"start_process":{"path":"\#(path)"}}"#,
                    ["start_process": ["error_message": .string(reason), "success": false]])
            }
            let long = String(repeating: "x", count: 200 * 1024)
            try await bench.expect(
                .startProcess(path: "/bin/true", args: [long]),
                ["start_process": ["error_message": "argument list too long", "success": false]])
            #expect(bench.agent.descendants.isEmpty)
            #expect(SystemProcess(bench.agent.pid).children.filter { $0.state == "Z" }.isEmpty)
        }
    }

    @Test func `a start beyond max_processes is refused`() async throws {
        try await withAgent(.init(configuration: #"{"max_processes":2}"#)) { bench in
            let first = try await bench.sh("exec sleep 1000")
            _ = try await bench.sh("exec sleep 1000")
            let start = #"{"start_process":{"path":"/bin/sleep","args":["1000"]}}"#
            try await bench.expect(
                start,
                [
                    "start_process": ["error_message": "too many processes", "success": false]
                ])
            _ = try await bench.ask(.stopProcess(pid: first))
            #expect(try await bench.ask(start)["start_process"]?["success"] == true)
        }
    }

    @Test(arguments: [0, 1, -1, 9_007_199_254_740_992, 2_147_483_647, 4_294_967_297])
    func `a pid of an unrelated process is unknown`(pid: Int) async throws {
        try await withAgent { bench in
            let none: JSONValue = ["error_message": "no such pid", "success": false]
            try await bench.expect(.stopProcess(pid: pid), ["stop_process": none])
            try await bench.expect(.queryProcessStatus(pid: pid), ["query_process_status": none])
            for number in [bench.agent.pid, Int(getpid()), Int(bench.broker.pid)] {
                try await bench.expect(.stopProcess(pid: number), ["stop_process": none])
                #expect(SystemProcess(number).exists)
            }
        }
    }

    @Test(arguments: TestClient.Version.allCases) func `arguments are passed unchanged`(version: TestClient.Version)
        async throws
    {
        try await withAgent(version: version) { bench in
            let path =
                #"{"start_process":{"path":"/bin/sleep","args":["1000","a b","","$HOME","*","é","\t\n\"'\\"]},"reply_to":"pm/reply/x"}"#
            try await bench.send(path)
            let answer = try await bench.client.next(on: "pm/reply/x").value
            // sleep refuses such arguments and ends at once.
            #expect(answer["start_process"]?["success"] == true)
            try await bench.send(
                #"{"start_process":{"path":"/bin/sh","args":["-c","sleep 1000; :","a b","","$HOME","*","é","\t\n\"'\\"]},"reply_to":"pm/reply/y"}"#
            )
            let pid = try #require(
                try await bench.client.next(on: "pm/reply/y").value["start_process"]?["pid"]?.integer)
            let arguments = ["/bin/sh", "-c", "sleep 1000; :", "a b", "", "$HOME", "*", "é", "\t\n\"'\\"]
            // In /proc, the new program's arguments appear a moment after its memory.
            try await eventually("the arguments") { SystemProcess(pid).arguments == arguments }
        }
    }
}
