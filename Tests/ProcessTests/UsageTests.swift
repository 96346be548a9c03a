import TestSupport
import Testing

/// What processes use, on request and while it is followed.
@Suite(.serialized) struct UsageTests {
    private func follow(_ follower: String, seconds: Int = 60, interval: Int = 1) -> Request {
        .call(
            "follow_usage",
            ["follower": .string(follower), "seconds": .integer(seconds), "interval": .integer(interval)])
    }

    @Test func `while it is followed, the usage of all processes is published again and again`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.shell("while :; do :; done", name: "busy"))
            _ = try await bench.start(.sleep("idle"))
            let watcher = try await bench.watcher(of: bench.topic("usage"))
            let answer = try await bench.method(follow("me"))
            #expect(answer["topics"] == ["pm/h1/usage"] && answer["seconds"] == 60)
            var latest = 0.0
            for _ in 0..<3 {
                let message = try await watcher.next { _ in true }
                let usage = try message.value
                #expect(!message.isRetained && usage["host"] == "h1" && usage["interval"]?.number ?? 0 >= 1)
                let busy = try #require(usage["processes"]?["busy"])
                let time = try #require(busy["cpu_seconds"]?.number)
                #expect(time >= latest && busy["tasks"] == 1 && busy["memory"]?.integer ?? 0 > 0)
                #expect(busy["open_files"]?.integer ?? 0 >= 3)
                latest = time
                #expect(usage["processes"]?["idle"] != nil)
            }
            #expect(latest > 0)
        }
    }

    @Test func `each follower ends only its own request, and the last one ends the messages`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            _ = try await bench.method(follow("one"))
            _ = try await bench.method(follow("two"))
            let watcher = try await bench.watcher(of: bench.topic("usage"))
            #expect(
                try await bench.method(.call("unfollow_usage", ["follower": "one"]))
                    == ["status": "success", "message": "usage unfollowed successfully"])
            for _ in 0..<2 { _ = try await watcher.next { _ in true } }
            _ = try await bench.method(.call("unfollow_usage", ["follower": "two"]))
            _ = watcher.takeAll()
            _ = try await bench.method(follow("three", interval: 3_600))
            _ = try await watcher.next { (try? $0.value)?["interval"] == 3_600 }
            // One may have been under way.
            #expect(watcher.messages.count { (try? $0.value)?["interval"] != 3_600 } <= 1)
        }
    }

    @Test func `requests name what is wrong`() async throws {
        try await withAgent { bench in
            try await bench.expectFailure(.call("follow_usage", [:]), "missing_argument", "missing args.follower")
            for number in 0..<64 { _ = try await bench.method(follow("f\(number)", interval: 3_600)) }
            try await bench.expectFailure(
                follow("one more"), "no_capacity", "the usage of this host has 64 followers")
        }
    }

    @Test func `entries carry the usage when it is asked for`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            _ = try await bench.start(.shell("exit 0", name: "b"))
            try await bench.state("exited", of: "b")
            let entries = try await bench.method(.call("get_processes", ["usage": true]))["process"]?.array ?? []
            #expect(entries.map { $0["usage"]?["tasks"] } == [1, nil])
            let entry = try await bench.method(.call("get_process", ["process_id": "a", "usage": true]))["process"]
            #expect(entry?["usage"]?["tasks"] == 1 && entry?["config"] != nil)
            #expect(try await bench.entry("a")["usage"] == nil)
        }
    }

    @Test func `info tells what the host runs on`() async throws {
        try await withAgent { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            #expect(info["kernel"]?.string?.isEmpty == false && info["arch"]?.string?.isEmpty == false)
            #expect(info["cpus"]?.integer ?? 0 >= 1 && info["memory_total"]?.integer ?? 0 > 1 << 20)
        }
    }
}
