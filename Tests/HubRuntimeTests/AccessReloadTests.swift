import Model
import Testing

/// The broker's ACL file in the hub, and what is logged about refusals.
struct AccessReloadTests {
    private let bench: HubBench

    init() throws { bench = try HubBench(HubBench.rules) }

    private func isRouted() -> Bool {
        bench.send("pm/hub/control", #"{"host_name":"a","method":"get_health"}"#)?.topicNow == "pm/a/control"
    }

    @Test func `a changed file counts from the reload on, also for clients that were decided on`() throws {
        #expect(isRouted())
        try bench.reload("user op\ntopic write pm/b/control\n")
        #expect(!isRouted())
        try bench.reload(HubBench.rules)
        #expect(isRouted())
    }

    @Test func `the file is consulted once for a host and a connection`() {
        #expect(isRouted())
        let before = bench.broker.userLookups
        for _ in 1...10 { #expect(isRouted()) }
        // Each request is still signed with its user.
        #expect(bench.broker.userLookups == before + 10)
    }

    @Test func `with an invalid file all requests to hosts are refused`() throws {
        try bench.reload("nonsense\n" + HubBench.rules)
        #expect(!isRouted())
        #expect(
            bench.broker.lines.contains {
                $0.hasPrefix("error: ")
                    && $0.hasSuffix("/acl: line 1: it begins with neither topic, pattern nor user: requests refused")
            })
    }

    @Test func `with a file that is too large all requests to hosts are refused`() throws {
        try bench.reload(HubBench.rules + String(repeating: "#\n", count: Limits.accessList / 2))
        #expect(!isRouted())
        #expect(bench.broker.lines.contains { $0.hasSuffix("/acl can't be read: requests refused") })
    }

    @Test func `five refusals a second are logged, and the others counted`() throws {
        let last = bench.broker.lines.count
        for _ in 1...9 { bench.send("pm/hub/control", #"{"host_name":"a","reply_to":"elsewhere"}"#) }
        #expect(bench.broker.lines.count == last + Limits.hubRefusals)
        bench.pass(1)
        bench.send("pm/hub/control", #"{"host_name":"a","reply_to":"elsewhere"}"#)
        #expect(bench.broker.lines.dropFirst(last + Limits.hubRefusals).first == "warning: hub: 4 more refusals")
    }

    @Test func `a client id cannot forge a line of the log`() {
        let client = bench.broker.connect("x\nhub: stopped\u{7F}", user: "op")
        bench.send(FakeMessage("pm/a/control", #"{"reply_to":"elsewhere"}"#, from: client))
        #expect(bench.broker.lines.last?.contains("client x?hub: stopped?: ") == true)
    }
}
