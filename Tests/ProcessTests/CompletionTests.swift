import Glibc
import TestSupport
import Testing

/// `depends_on` with the condition `completed`: a one-shot that must have ended with 0.
@Suite(.serialized) struct CompletionTests {
    private static let needs = #""depends_on":[{"process_id":"migrate","condition":"completed"}]"#
    private static let web = #"{"name":"web","command":"sleep 1000",\#(needs)}"#

    /// A one-shot that ends with the code that the test writes into a file.
    private func migrate(_ bench: AgentBench, _ more: String = "") -> String {
        let folder = bench.agent.folder.path
        let script = "while ! [ -s \(folder)/code ]; do sleep 0.01; done; exit $(cat \(folder)/code)"
        return #"{"name":"migrate","command":\#(shell(script))\#(more)}"#
    }

    /// Requests the start of `web`, and waits until it waits for `migrate`.
    private func startWeb(_ bench: AgentBench) async throws -> () async throws -> JSONValue {
        let answer = try await bench.inbox(of: #"{"method":"start_process","args":{"config":\#(Self.web)}}"#)
        #expect(try await bench.state("starting", of: "web")["pid"] == nil)
        return answer
    }

    @Test func `a process starts once the one-shot has ended with 0`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(config: migrate(bench))
            let answer = try await startWeb(bench)
            try await bench.state("running", of: "migrate")
            try await bench.health([])
            try await bench.entry("web") { $0["waits_for"] == ["migrate"] && $0["error"] == nil }
            try bench.agent.folder.write("0", to: "code")
            let pid = try #require(try await answer()["result"]?["pid"]?.integer)
            let entry = try await bench.state("running", of: "web")
            #expect(entry["pid"]?.integer == pid && entry["waits_for"] == nil)
            #expect(try await bench.entry("migrate")["state"] == "exited")
            // Processes that start later need not wait, and later runs of the one-shot don't affect them.
            _ = try await bench.start(config: Self.web.replacing(#""name":"web""#, with: #""name":"other""#))
            try bench.agent.folder.write("3", to: "code")
            #expect(try await bench.reset("migrate") != nil)
            try await bench.entry("migrate") { $0["exit_code"] == 3 }
            #expect(try await bench.entry("web")["pid"]?.integer == pid)
            try await bench.health([])
        }
    }

    @Test func `a failure is reported, and a run that succeeds ends the wait`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(config: migrate(bench))
            let answer = try await startWeb(bench)
            try bench.agent.folder.write("3", to: "code")
            let reason = "waits for migrate, which ended with exit code 3"
            #expect(
                try await answer()["result"]?["error"] == ["code": "not_allowed", "detail": .string(reason)])
            try await bench.health(["process web \(reason)"])
            try await bench.expectFailure(
                "start_process",
                #"{"config":\#(Self.web.replacing(#""name":"web""#, with: #""name":"other""#))}"#, "not_allowed",
                "depends on migrate, which ended with exit code 3")
            try bench.agent.folder.write("0", to: "code")
            #expect(try await bench.reset("migrate") != nil)
            try await bench.state("running", of: "web")
            try await bench.health([])
        }
    }

    @Test func `restarts until one succeeds count as one attempt`() async throws {
        try await withAgent { bench in
            let restart = #","restart":{"policy":"on_failure","delay":0.05,"max_delay":0.05,"start_limit":0}"#
            _ = try await bench.start(config: migrate(bench, restart))
            let answer = try await startWeb(bench)
            try bench.agent.folder.write("3", to: "code")
            _ = try await bench.entry("migrate") { $0["restarts"]?.integer ?? 0 > 2 }
            try await bench.health([])
            #expect(try await bench.entry("web")["state"] == "starting")
            try bench.agent.folder.write("0", to: "code")
            #expect(try await answer()["result"]?["status"] == "success")
        }
    }

    @Test func `a dependency that has failed, was stopped or is unknown is reported`() async throws {
        try await withAgent { bench in
            try await bench.expectFailure(
                "start_process", #"{"config":\#(Self.web)}"#, "no_such_process",
                "depends on migrate, which is unknown")
            try bench.agent.folder.write("3", to: "code")
            let restart = #","restart":{"policy":"on_failure","delay":0,"start_limit":1}"#
            _ = try await bench.start(config: migrate(bench, restart))
            try await bench.state("failed", of: "migrate")
            try await bench.expectFailure(
                "start_process", #"{"config":\#(Self.web)}"#, "not_allowed", "depends on migrate, which is failed")
            // It ends with 0, but because it is stopped.
            let script = "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done"
            _ = try await bench.start(.shell(script, name: "migrate").ready(line: "up"))
            try await bench.state("running", of: "migrate")
            try await bench.kill("migrate")
            #expect(try await bench.entry("migrate")["exit_code"] == 0)
            try await bench.expectFailure(
                "start_process", #"{"config":\#(Self.web)}"#, "not_allowed", "depends on migrate, which was stopped")
        }
    }

    @Test func `an ended process that others need is kept beyond max_ended`() async throws {
        try await withAgent(.init(configuration: #"{"max_ended":0}"#)) { bench in
            _ = try await bench.start(config: migrate(bench))
            let answer = try await startWeb(bench)
            try bench.agent.folder.write("0", to: "code")
            #expect(try await answer()["result"]?["status"] == "success")
            for name in ["a", "b"] {
                let config = #"{"config":{"name":"\#(name)","command":"true"}}"#
                _ = try await bench.method("start_process", config)
                try await eventually("its end") { try await bench.entries()[name] == nil }
            }
            #expect(try await bench.entry("migrate")["state"] == "exited")
            #expect(try await bench.reset("web") != nil)
        }
    }

    @Test func `a circular dependency is refused`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.command("true", name: "migrate"))
            try await bench.state("exited", of: "migrate")
            _ = try await bench.start(config: Self.web)
            try await bench.expectFailure(
                .startProcess(.command("true", name: "migrate").dependsOn("web")),
                "invalid_argument", "depends on web, which depends on it")
        }
    }

    @Test func `a completion is known to the next worker and to the next agent`() async throws {
        try await withAgent { bench in
            try bench.agent.folder.write("0", to: "code")
            _ = try await bench.start(config: migrate(bench))
            try await bench.state("exited", of: "migrate")
            try await bench.crashWorker()
            _ = try await bench.start(config: Self.web)
            try await bench.kill("web")
            bench.agent.kill()
            try await bench.startAgentAgain()
            #expect(try await bench.reset("web") != nil)
        }
    }

    @Test func `a process keeps waiting after the worker's death`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(config: migrate(bench))
            _ = try await startWeb(bench)
            // It ends while no worker lives.
            try await bench.crashWorker { try bench.agent.folder.write("0", to: "code") }
            try await bench.state("running", of: "web")
        }
    }

    @Test func `with persist, the next agent runs the one-shot first`() async throws {
        try await withAgent { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            let script = "echo migrate >> \(begun)"
            let configs = [
                #"{"name":"migrate","command":\#(shell(script)),"persist":true}"#,
                Self.web.dropLast().replacing("\"sleep 1000\"", with: shell("echo web >> \(begun); exec sleep 1000"))
                    + #","persist":true}"#,
            ]
            for config in configs { _ = try await bench.start(config: config) }
            try await eventually("both") { bench.agent.folder.read("begun") == "migrate\nweb\n" }
            // A worker that takes over remembers that the one-shot has not been stopped.
            try await bench.crashWorker()
            try await bench.restartAgent()
            try await eventually("both again") { bench.agent.folder.read("begun") == "migrate\nweb\nmigrate\nweb\n" }
        }
    }

    @Test func `a scheduled dependency counts by its latest run`() async throws {
        try await withAgent { bench in
            _ = try await bench.method(
                "start_process", #"{"config":\#(migrate(bench, #","schedule":"0 0 29 2 *""#))}"#)
            let answer = try await startWeb(bench)
            try await bench.health([])
            try bench.agent.folder.write("4", to: "code")
            #expect(try await bench.reset("migrate") != nil)
            #expect(
                try await answer()["result"]?["error"]?["detail"]
                    == "waits for migrate, which ended with exit code 4")
            try bench.agent.folder.write("0", to: "code")
            #expect(try await bench.reset("migrate") != nil)
            try await bench.state("running", of: "web")
        }
    }

    @Test func `apply starts both in order, and does not run the one-shot again`() async throws {
        try await withAgent { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            func list(_ word: String) -> String {
                let script = shell("echo \(word) >> \(begun)")
                // Named so that the names' order is not the order of starts.
                let app = #"{"name":"app","command":"sleep 1000",\#(Self.needs)}"#
                return #"{"processes":[\#(app),{"name":"migrate","command":\#(script)}]}"#
            }
            let first = try await bench.method("apply", list("one"))
            #expect(first["started"] == ["migrate", "app"] && first["failed"] == [])
            #expect(try await bench.state("running", of: "app")["pid"] != nil)
            let second = try await bench.method("apply", list("one"))
            #expect(second["unchanged"] == ["migrate", "app"])
            #expect(bench.agent.folder.read("begun") == "one\n")
            let third = try await bench.method("apply", list("two"))
            #expect(third["reset"] == ["migrate"] && third["unchanged"] == ["app"])
            try await eventually("the new one's run") { bench.agent.folder.read("begun") == "one\ntwo\n" }
        }
    }

    @Test func `apply runs a changed one-shot before a new process that needs it`() async throws {
        try await withAgent { bench in
            let begun = "\(bench.agent.folder.path)/begun"
            _ = try await bench.start(.command("true", name: "migrate"))
            try await bench.state("exited", of: "migrate")
            let app = #"{"name":"app","command":\#(shell("echo app >> \(begun); exec sleep 1000")),\#(Self.needs)}"#
            let migrate = #"{"name":"migrate","command":\#(shell("sleep 0.2; echo migrate >> \(begun)"))}"#
            let result = try await bench.method("apply", #"{"processes":[\#(app),\#(migrate)]}"#)
            #expect(result["started"] == ["app"] && result["reset"] == ["migrate"] && result["failed"] == [])
            try await eventually("both") { bench.agent.folder.read("begun") == "migrate\napp\n" }
        }
    }
}
