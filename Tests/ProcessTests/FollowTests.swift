import Glibc
import TestSupport
import Testing

/// `follow_log`: what a process writes, while it writes it.
@Suite(.serialized) struct FollowTests {
    /// Starts `a`, which writes a line to each stream whenever the next of the files `1`, `2`, … appears.
    private func startTalker(_ bench: AgentBench) async throws {
        // Messages of the shell itself, such as that a `sleep` was killed, are discarded.
        let script =
            "exec 3>&2 2>/dev/null; i=1; "
            + "while :; do if [ -e $i ]; then echo out $i; echo err $i >&3; i=$((i+1)); else sleep 0.01; fi; done"
        _ = try await bench.start(.shell(script, name: "a").path(bench.agent.folder.path))
    }

    @Test func `lines of both streams are published as they are written, until unfollow_log`() async throws {
        try await withAgent { bench in
            try await startTalker(bench)
            try bench.agent.folder.write("", to: "1")
            try await eventually("the first line") { bench.agent.folder.read("state/log/a.stderr") == "err 1\n" }
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            try await bench.expectMethod(
                .call("follow_log", ["process_id": "a"]),
                [
                    "status": "success", "message": "log followed successfully", "seconds": 60,
                    "topics": ["pm/h1/log/a/stdout", "pm/h1/log/a/stderr"],
                ])
            try bench.agent.folder.write("", to: "2")
            let out = try await watcher.next(on: "pm/h1/log/a/stdout")
            #expect(out.text == "out 2\n" && !out.isRetained)
            #expect(try await watcher.next(on: "pm/h1/log/a/stderr").text == "err 2\n")
            try await bench.expectMethod(
                .call("unfollow_log", ["process_id": "a", "stream": "stdout"]),
                ["status": "success", "message": "log unfollowed successfully"])
            try bench.agent.folder.write("", to: "3")
            #expect(try await watcher.next(on: "pm/h1/log/a/stderr").text == "err 3\n")
            // The line on stdout was written first, and would have been published first.
            #expect(watcher.messages.isEmpty)
        }
    }

    @Test func `one stream is followed alone, by pid, and beyond a reset`() async throws {
        try await withAgent { bench in
            try await startTalker(bench)
            let pid = try #require(try await bench.entry("a")["pid"]?.integer)
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            try await bench.expectMethod(
                .call("follow_log", ["process_id": .integer(pid), "stream": "stderr", "seconds": 600]),
                [
                    "status": "success", "message": "log followed successfully", "seconds": 600,
                    "topics": ["pm/h1/log/a/stderr"],
                ])
            #expect(try await bench.reset("a") != nil)
            try bench.agent.folder.write("", to: "1")
            #expect(try await watcher.next(on: "pm/h1/log/a/stderr").text == "err 1\n")
            #expect(watcher.messages.isEmpty)
        }
    }

    @Test func `a last line without a newline is published when the process has ended`() async throws {
        try await withAgent { bench in
            let go = "\(bench.agent.folder.path)/go"
            let script = "printf begin; while ! [ -e \(go) ]; do sleep 0.01; done; printf ' end'"
            _ = try await bench.start(.shell(script, name: "a"))
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            try await eventually("the beginning") { bench.agent.folder.read("state/log/a.stdout") == "begin" }
            _ = try await bench.method(.call("follow_log", ["process_id": "a", "stream": "stdout"]))
            try bench.agent.folder.write("", to: "go")
            #expect(try await watcher.next(on: "pm/h1/log/a/stdout").text == " end")
        }
    }

    @Test func `records of both streams come in order and with times, after earlier lines`() async throws {
        try await withAgent { bench in
            try await startTalker(bench)
            try bench.agent.folder.write("", to: "1")
            try await eventually("a history") { bench.agent.folder.read("state/log/a.stderr") == "err 1\n" }
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            let answer = try await bench.method(
                .call("follow_log", ["process_id": "a", "merge": true, "timestamps": true, "lines": 10]))
            #expect(answer["topics"] == ["pm/h1/log/a/records"])
            let history = try #require(answer["lines"]?.array)
            #expect(history.map { $0["stream"] } == ["stdout", "stderr"])
            #expect(history.map { $0["line"] } == ["out 1", "err 1"])
            let position = try #require(answer["position"])
            let places = ["stdout", "stderr"].map { stream in
                "\"\(stream)\":\"\(position[stream]?.string ?? "")\""
            }
            try bench.agent.folder.write("", to: "2")
            var records: [JSONValue] = []
            while records.count < 2 {
                let message = try await watcher.next(on: "pm/h1/log/a/records")
                records += try message.text.split(separator: "\n").map { try JSONValue(String($0)) }
            }
            #expect(records.map { $0["line"] } == ["out 2", "err 2"])
            #expect(records.map { $0["stream"] } == ["stdout", "stderr"])
            let times = (history + records).map { $0["time"]?.number ?? 0 }
            #expect(times == times.sorted() && (times.first ?? 0) > 1e9)
            let next = try await bench.method(
                "get_log", #"{"process_id":"a","timestamps":true,"after":{\#(places.joined(separator: ","))}}"#)
            #expect(next["stdout"]?.array?.map { $0["line"] } == ["out 2"])
            #expect(next["stderr"]?.array?.map { $0["line"] } == ["err 2"])
            try await bench.expectFailure(
                .call("get_log", ["process_id": "a", "after": ["stdout": "nowhere"]]), "invalid_argument",
                "args.after.stdout is not a position: nowhere")
        }
    }

    @Test func `following ends when it is not renewed`() async throws {
        try await withAgent { bench in
            let script = "while :; do echo x; echo y >&2; sleep 0.05; done"
            _ = try await bench.start(.shell(script, name: "a"))
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            _ = try await bench.method(.call("follow_log", ["process_id": "a", "stream": "stdout", "seconds": 1]))
            _ = try await bench.method(.call("follow_log", ["process_id": "a", "stream": "stderr"]))
            // Both are written at the same time: when only one is published, following of the other has ended.
            var alone = 0
            while alone < 5 {
                let message = try await watcher.next { _ in true }
                alone = message.topic.hasSuffix("stderr") ? alone + 1 : 0
            }
        }
    }

    @Test func `the output of a process that floods is published in part`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(
                .testChild("--flood forever --line-bytes 100", name: "a").with("log", ["max_size": "1M", "files": 2]))
            let watcher = try await bench.watcher(of: "pm/h1/log/#")
            _ = try await bench.method(.call("follow_log", ["process_id": "a"]))
            var sizes: [Int] = []
            while true {
                let message = try await watcher.next { _ in true }
                sizes.append(message.payload.count)
                if message.text.contains(" lines not shown]\n") { break }
            }
            #expect(sizes.allSatisfy { $0 <= 16 << 10 })
            try await bench.kill("a")
        }
    }

    @Test func `after a first message, max_log_rate limits what is published`() async throws {
        try await withAgent(.init(configuration: #"{"max_log_rate":1024}"#)) { bench in
            let line = String(repeating: "x", count: 127) + "\n"
            let fitting = (16 << 10) / line.utf8.count
            try bench.agent.folder.write(String(repeating: line, count: fitting), to: "all")
            try bench.agent.folder.write(String(repeating: line, count: fitting + 1), to: "one-more")
            for (name, notice) in [("all", ""), ("one-more", "[pmqtt: 1 lines not shown]\n")] {
                let folder = bench.agent.folder.path
                // In one write, so that the allowance does not grow in the meantime.
                let script = "while ! [ -e go-\(name) ]; do sleep 0.01; done; cat \(name)"
                _ = try await bench.start(.shell(script, name: name).path(folder))
                let watcher = try await bench.watcher(of: "pm/h1/log/#")
                _ = try await bench.method(.call("follow_log", ["process_id": .string(name), "stream": "stdout"]))
                try bench.agent.folder.write("", to: "go-\(name)")
                let exited = try await bench.watcher(of: bench.topic("process/\(name)"))
                _ = try await exited.next { $0.text.contains(#""state":"exited""#) }
                try await watcher.settle()
                #expect(watcher.takeAll().map(\.text).joined() == String(repeating: line, count: fitting) + notice)
            }
        }
    }

    @Test(arguments: ["follow_log", "unfollow_log"]) func `a wrong request is refused`(method: String) async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            try await bench.expectFailure(
                method, #"{"process_id":"b"}"#, "no_such_process", "no such process: b")
            try await bench.expectFailure(
                method, #"{"process_id":"a","stream":1}"#, "invalid_argument",
                "args.stream must be stdout, stderr or both")
            guard method == "follow_log" else { return }
            try await bench.expectFailure(
                method, #"{"process_id":"a","seconds":3601}"#, "invalid_argument",
                "args.seconds must be a number of seconds from 1 to 3600")
        }
    }
}
