import Testing

/// Which clients may connect with which ids.
struct ClientIDGuardTests {
    private let bench: HubBench

    init() throws {
        bench = try HubBench(HubBench.rules + "user box\ntopic write pm/box/status\ntopic write pm/a/control\n")
    }

    private func admits(_ id: String, _ user: String?) -> Bool { bench.admits(bench.broker.connect(id, user: user)) }

    @Test func `a daemon's id requires the right to publish that daemon's status`() {
        #expect(admits("pm-agent-box", "box") && admits("pm-agent-box", "root") && admits("pm-cluster-1", "root"))
        for (id, user, reason) in [
            ("pm-agent-box", "op", "client id of another host's agent"), ("pm-agent-a", "box", "client id of another"),
            ("pm-cluster-1", "box", "client id of a daemon"), ("pm-hub", "op", "client id of a daemon"),
            ("pm-", "root", "client id of a daemon"),
        ] {
            #expect(!admits(id, user), "\(id) \(user)")
            let line = "warning: hub: not authorized: user \(user), client \(id): \(reason)"
            #expect(bench.broker.lines.last?.hasPrefix(line) == true)
            bench.pass(1)
        }
        #expect(!admits("pm-agent-box", nil))
        #expect(bench.broker.lines.last?.contains("anonymous user, client pm-agent-box") == true)
    }

    @Test func `an id is reserved for its user from the first request to the end of the connection`() {
        #expect(admits("me", "eve"))
        bench.send("pm/a/health", "{}")
        #expect(admits("me", "eve"))
        bench.send("pm/a/control", "{}")
        #expect(!admits("me", "eve") && !admits("me", nil) && admits("me", "op"))
        bench.disconnect(bench.client)
        #expect(admits("me", "eve"))
    }

    @Test func `at a takeover the id stays reserved for the newer connection`() {
        bench.send("pm/a/control", "{}")
        let newer = bench.broker.connect("me", user: "op")
        bench.send(FakeMessage("pm/a/control", "{}", from: newer))
        bench.disconnect(bench.client)
        #expect(!admits("me", "eve"))
        bench.disconnect(newer)
        #expect(admits("me", "eve"))
    }

    @Test func `without an ACL file every id is admitted`() throws {
        let bench = try HubBench()
        #expect(bench.admits(bench.broker.connect("pm-agent-a", user: "eve")))
    }
}
