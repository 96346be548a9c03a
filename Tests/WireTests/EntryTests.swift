import JSONCodec
import Model
import Testing
import Wire

/// Payloads of the retained topics.
struct EntryTests {
    private static func entry(_ state: ProcessState) throws -> ProcessEntry {
        ProcessEntry(id: try #require(Name("a-1")), driver: "exec", state: state, want: .up, command: "/bin/a b")
    }

    @Test func `fields that don't apply are absent`() throws {
        #expect(
            try Self.entry(.starting).json.sorted
                == JSON.of(
                    #"{"process_id":"a-1","name":"a-1","driver":"exec","state":"starting","want":"up","command":"/bin/a b","restarts":0}"#
                ))
    }

    @Test func `all fields have the names that are documented`() throws {
        var entry = try Self.entry(.exited)
        entry.pid = 5
        entry.startedAt = 1.5
        entry.exitedAt = 2.5
        entry.exit = .signaled(15)
        entry.restarts = 2
        entry.uptime = 1
        entry.error = "e"
        entry.healthy = false
        entry.nextStart = 3.5
        entry.runs = 4
        let keys = entry.json.members?.map(\.key).sorted()
        #expect(
            keys == [
                "command", "driver", "error", "exit_code", "exited_at", "healthy", "name", "next_start", "pid",
                "process_id", "restarts", "runs", "signal", "started_at", "state", "uptime", "want",
            ])
        #expect(entry.json["healthy"] == false && entry.json["next_start"] == .number(3.5))
        #expect(entry.json["exit_code"]?.integer == 143 && entry.json["signal"]?.integer == 15)
        entry.exit = .exited(code: 3)
        #expect(entry.json["exit_code"]?.integer == 3 && entry.json["signal"] == nil)
    }

    @Test(arguments: zip(ProcessState.allCases, ["starting", "running", "stopping", "backoff", "exited", "failed"]))
    func `each state has its name on the wire`(state: ProcessState, word: String) throws {
        #expect(try Self.entry(state).json["state"]?.string == word)
    }

    private static func health(_ reasons: [String]) throws -> Health {
        Health(
            host: try #require(HostName("h")), reasons: reasons, timestamp: 1.5, interval: 10, sequence: 3,
            session: "s", uptime: 2,
            version: "1",
            system: SystemLoad(load: [1, 0.5, 0.25], cpus: 2, memoryTotal: 5_000_000_000, memoryAvailable: 7),
            processes: ProcessCounts(running: 1, failed: 2, total: 3),
            agent: AgentUsage(residentMemory: 8, cpuSeconds: 0.25))
    }

    @Test(arguments: [([], "good"), (["a", "b"], "bad")]) func `health has the documented fields`(
        reasons: [String], word: String
    ) throws {
        let list = reasons.map { "\"\($0)\"" }.joined(separator: ",")
        let text =
            #"{"host":"h","health":"\#(word)","reasons":[\#(list)],"timestamp":1.5,"interval":10,"seq":3,"session":"s","uptime":2,"version":"1","load":[1,0.5,0.25],"cpus":2,"memory_total":5000000000,"memory_available":7,"processes":{"running":1,"failed":2,"total":3},"agent":{"rss":8,"cpu_seconds":0.25}}"#
        #expect(try Self.health(reasons).json.sorted == JSON.of(text))
        let request = #"{"method":"get_health"}"#
        let answer = try Request(request).answer(.health(Self.health(reasons)))
        #expect(answer["result"]?["status"] == "success")
        for member in try Self.health(reasons).json.members ?? [] {
            #expect(answer["result"]?[member.key] == member.value)
        }
    }

    @Test func `info has version, protocol, drivers, labels and limits`() throws {
        let info = HostInfo(
            host: try #require(HostName("h")), version: "1", protocolVersion: 1,
            drivers: [DriverReport(name: "exec"), DriverReport(name: "qemu", reason: "no qemu")],
            labels: [Label(name: "a", value: "b")],
            limits: [
                LimitReport(name: "memory", mechanism: "cgroup"), LimitReport(name: "cpu", reason: "no controller"),
            ])
        let text =
            #"{"host":"h","version":"1","protocol":1,"drivers":{"exec":{"available":true},"qemu":{"available":false,"reason":"no qemu"}},"labels":{"a":"b"},"limits":{"memory":{"by":"cgroup"},"cpu":{"reason":"no controller"}}}"#
        #expect(try info.json.sorted == JSON.of(text))
    }
}
