import JSONCodec
import Model
import TestSupport
import Testing

@testable import Wire

struct UsageTests {
    private let host: HostName

    init() throws { host = try #require(HostName("box")) }

    private func report(_ count: Int) throws -> UsageReport {
        var processes: [Name: ProcessUsage] = [:]
        for number in 0..<count {
            processes[try #require(Name("p\(number)"))] = ProcessUsage(
                cpuSeconds: Double(number), memory: 1_000, tasks: 1, openFiles: 3)
        }
        return UsageReport(host: host, timestamp: 5, interval: 2, processes: processes)
    }

    @Test func `a report has an object for each process, without what is unknown`() throws {
        var report = UsageReport(host: host, timestamp: 5.5, interval: 2, processes: [:])
        report.processes[try #require(Name("web"))] = ProcessUsage(memory: 4_096)
        let json = try JSONValue(String(decoding: report.printed(atMost: .max), as: UTF8.self))
        #expect(json == ["host": "box", "timestamp": 5.5, "interval": 2, "processes": ["web": ["memory": 4_096]]])
    }

    @Test func `where not all fit, the largest consumers are in it`() throws {
        let report = try report(100)
        let whole = report.printed(atMost: .max).count
        #expect(report.printed(atMost: whole).count == whole)
        for limit in stride(from: whole - 1, to: 100, by: -97) {
            let bytes = report.printed(atMost: limit)
            let json = try JSONValue(String(decoding: bytes, as: UTF8.self))
            let names = (json["processes"]?.keys ?? [])
            #expect(bytes.count <= limit && json["truncated"] == true)
            // The processes with the most processor time, and as many as fit: one more would need 75 bytes at most.
            #expect(names == Set((100 - names.count..<100).map { "p\($0)" }))
            #expect(bytes.count + 75 > limit)
        }
    }

    @Test func `by size means processor time and memory alike`() throws {
        let names = try ["cpu", "memory", "both", "none"].map { try #require(Name($0)) }
        let report = UsageReport(
            host: host, timestamp: 0, interval: 1,
            processes: [
                names[0]: ProcessUsage(cpuSeconds: 10, memory: 0), names[1]: ProcessUsage(cpuSeconds: 0, memory: 900),
                names[2]: ProcessUsage(cpuSeconds: 10, memory: 100), names[3]: ProcessUsage(),
            ])
        #expect(report.bySize.map(\.id) == [names[1], names[2], names[0], names[3]])
    }

    @Test func `the requests are decoded, and bad arguments are named`() throws {
        func command(_ text: String) -> Result<Command, Failure> {
            Request(Array(text.utf8).span).command
        }
        let follow = command(#"{"method":"follow_usage","args":{"follower":"me","seconds":60,"interval":2}}"#)
        #expect(follow == .success(.followUsage(UsageFollowing(follower: "me", seconds: 60, interval: 2))))
        let plain = command(#"{"method":"follow_usage","args":{"follower":"me"}}"#)
        #expect(plain == .success(.followUsage(UsageFollowing(follower: "me", seconds: 60, interval: 10))))
        #expect(
            command(#"{"method":"unfollow_usage","args":{"follower":"me"}}"#) == .success(.unfollowUsage("me")))
        for (arguments, detail) in [
            ("{}", "missing args.follower"), (#"{"follower":""}"#, "args.follower must be a string of 1 to 64 bytes"),
            (#"{"follower":"a","interval":0}"#, "args.interval must be a number of seconds from 1 to 3600"),
        ] {
            let failure = command(#"{"method":"follow_usage","args":\#(arguments)}"#)
            guard case .failure(let reason) = failure else {
                Issue.record("\(arguments) is accepted")
                continue
            }
            #expect(reason.detail == detail)
        }
        let web = ProcessReference.id(try #require(Name("web")))
        #expect(
            command(#"{"method":"start_process","args":{"process_id":"web"}}"#) == .success(.startAgain(web)))
        #expect(
            command(#"{"method":"get_process","args":{"process_id":"web","usage":true}}"#)
                == .success(.getProcess(web, hasUsage: true)))
        #expect(
            command(#"{"method":"get_processes","args":{"usage":true}}"#)
                == .success(.getProcesses(of: nil, hasUsage: true)))
    }
}
