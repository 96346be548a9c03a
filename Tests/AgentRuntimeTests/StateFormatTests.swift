import Glibc
import JSONCodec
import LinuxSystem
import Model
import Supervision
import Testing

@testable import AgentRuntime

/// State files of the version before this one and of the one after it: what is missing has a default, and what is unknown
/// is ignored. docs/reliability.md has the rule.
struct StateFormatTests {
    /// Removes its files at the end of a test.
    private final class Folder {
        let path: String

        init() throws {
            path = "/tmp/pm-format.\(UInt64.random(in: 0 ... .max))"
            try FileSystem.makeDirectories("\(path)/processes")
        }

        deinit { FileSystem.removeTree(path) }

        func write(_ text: String, to name: String) throws {
            try FileSystem.replace("\(path)/\(name)", with: Array(text.utf8), isDurable: false)
        }
    }

    private static let identity = #""launch":7,"pid":123,"start_time":456"#
    private static let config = #""config":{"name":"a","command":["sleep","1"]}"#

    private func record(_ lines: String...) throws -> (Journal.Contents, ProcessRecord) {
        let text = ([#"{"boot":"b"}"#] + lines).joined(separator: "\n") + "\n"
        let contents = Journal.contents(Array(text.utf8), bootID: "b")
        return (contents, try #require(contents.records[Name(test: "a")]))
    }

    @Test func `a journal of the version before is read`() throws {
        let times = #""restarts":{"count":2,"times":[1000,2000]},"started_at":1500"#
        let (contents, record) = try record(
            #"{"id":"a",\#(Self.config),"origin":"request",\#(times),"phase":"running","want":"up",\#(Self.identity)}"#)
        #expect(contents.damage == nil && contents.isFound)
        #expect(record.launch.number == 7 && record.launch.pid == 123 && record.launch.startTime == 456)
        #expect(record.lifecycle.phase == .running && record.lifecycle.want == .up && record.restarts == 2)
        #expect(record.origin == .request && record.history.restarts.count == 2 && record.history.streak == 2)
    }

    @Test func `a journal of the version after is read`() throws {
        let (contents, record) = try record(
            #"{"later":{"a":[1,{"b":null}]}}"#,
            #"{"id":"a","config":{"name":"a","command":["sleep","1"],"later":{"x":1}},"origin":"request","later":[1],"phase":"running","want":"up","restarts":{"count":1,"times_after_boot":[5],"streak":1,"later":2},\#(Self.identity)}"#,
            #"{"id":"a","later":"text"}"#, #"{"later":true}"#)
        #expect(contents.damage == nil && contents.milestones.isEmpty)
        #expect(record.launch.pid == 123 && record.restarts == 1 && record.lifecycle.phase == .running)
        #expect(record.spec.name == Name(test: "a"))
    }

    @Test(arguments: [
        #"{"config":{"name":"a","command":["sleep","1"]},"origin":"request","want":"up"}"#,
        #"{"config":{"name":"a","command":["sleep","1"],"later":1},"origin":"request","owner":"o","want":"up","later":{}}"#,
    ]) func `the file of a persistent process of another version is read`(text: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "processes/a.json")
        let specs = PersistentSpecs(stateDirectory: folder.path, loop: try EventLoop())
        let stored = try #require(specs.read()[Name(test: "a")])
        #expect(stored.want == .up && stored.spec.name == Name(test: "a") && specs.reasons.isEmpty)
    }

    @Test(arguments: [
        #"{"a":{"schedule":"0 3 * * *","next_start":1700000000}}"#,
        #"{"a":{"schedule":"0 3 * * *","next_start":1700000000,"later":[]},"b":{"later":1}}"#,
    ]) func `catch-up times of another version are read`(text: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "schedules.json")
        let starts = ScheduleCatchUp(stateDirectory: folder.path, loop: try EventLoop())
        #expect(starts.takeInherited(Name(test: "a"), "0 3 * * *") == 1_700_000_000)
    }

    @Test(arguments: [
        #"{"keeper":{"pid":10,"start_time":1},"worker":{"pid":11,"start_time":2}}"#,
        #"{"keeper":{"pid":10,"start_time":1,"x":0},"worker":{"pid":11,"start_time":2},"version":"9","later":{}}"#,
    ]) func `what a running agent of another version tells of itself is read`(text: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "running")
        let running = try #require(RunningAgent.read(in: folder.path))
        #expect(running.keeper == ProcessIdentity(pid: 10, startTime: 1))
        // Without a word about it, the keeper knows no upgrades: SIGUSR2 would end it.
        #expect(running.worker.pid == 11 && !running.knowsUpgrades && running.refusal == nil)
    }
}
