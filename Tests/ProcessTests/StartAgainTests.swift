import Glibc
import TestSupport
import Testing

/// `start_process` with the id of a known process.
@Suite(.serialized) struct StartAgainTests {
    private let request = Request.call("start_process", ["process_id": "a"])

    @Test func `one that is up is left alone`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            for reference in [JSONValue.string("a"), .integer(pid), .string("\(pid)")] {
                let result = try await bench.method(.call("start_process", ["process_id": reference]))
                #expect(
                    result == [
                        "status": "success", "message": "process started successfully", "process_id": "a",
                        "pid": .integer(pid), "unchanged": true,
                    ])
            }
            #expect(try await bench.entry("a")["restarts"] == 0)
        }
    }

    @Test func `one that has ended, failed or was stopped starts with the config that it had`() async throws {
        try await withAgent { bench in
            let marker = "\(bench.agent.folder.path)/marker"
            let script = "[ -e \(marker) ] && exec sleep $NUMBER; exit 3"
            _ = try await bench.start(.shell(script, name: "a").env(["NUMBER": "1000"]))
            try await bench.state("exited", of: "a")
            try bench.agent.folder.write("", to: "marker")
            let first = try #require(try await bench.method(request)["pid"]?.integer)
            try await bench.kill("a")
            let second = try #require(try await bench.method(request)["pid"]?.integer)
            #expect(first != second)
            try await eventually("it sleeps") { SystemProcess(second).arguments == ["sleep", "1000"] }
            #expect(try await bench.entry("a")["state"] == "running")
        }
    }

    @Test func `one that waits for its restart is about to be up`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("exit 1", name: "a").restart("always", delay: 3_600))
            try await bench.state("backoff", of: "a")
            let result = try await bench.method(request)
            #expect(result["unchanged"] == true && result["pid"] == nil && result["status"] == "success")
        }
    }

    @Test func `one that was forgotten, or whose program is gone, is told`() async throws {
        try await withAgent { bench in
            try await bench.expectFailure(request, "no_such_process", "no such process: a")
            let program = "\(bench.agent.folder.path)/program"
            try bench.agent.folder.write("#!/bin/sh\n", to: "program")
            chmod(program, 0o755)
            _ = try await bench.start(.command([program], name: "a"))
            try await bench.state("exited", of: "a")
            unlink(program)
            let result = try await bench.method(request)
            #expect(result["error"]?["code"] == "exec_failed")
        }
    }
}
