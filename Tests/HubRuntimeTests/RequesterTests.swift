import TestSupport
import Testing

/// The user properties of messages: what the hub adds, and how many a client may send.
struct RequesterTests {
    private let bench: HubBench

    init() throws { bench = try HubBench(HubBench.rules) }

    private static func pairs(_ count: Int, _ name: String = "x", _ value: String = "y") -> [[String]] {
        Array(repeating: [name, value], count: count)
    }

    @Test(arguments: ["pm/hub/control", "pm/a/control", "pm/cluster/node/control"])
    func `the requester is the last of all user properties, whatever its sender claims`(topic: String) {
        for claims in [[], [["pm-client", "pmctl-1"], ["pm-user", "root"], ["x", "y"]], Self.pairs(64)] {
            let message = bench.send(
                topic, #"{"host_name":"a","method":"get_health"}"#, properties: .init(user: claims))
            #expect(message?.mqtt5.user == claims + [["pm-user", "op"], ["pm-client", "me"]])
        }
    }

    @Test func `an anonymous requester has an empty user`() throws {
        let bench = try HubBench("topic write pm/#\n")
        let message = FakeMessage("pm/a/control", "{}", from: bench.broker.connect("nameless"))
        #expect(bench.send(message)?.mqtt5.user == [["pm-user", ""], ["pm-client", "nameless"]])
    }

    @Test func `without an ACL file nothing is added, as the user is not authenticated`() throws {
        #expect(try HubBench().send("pm/a/control", "{}")?.mqtt5.user == [])
    }

    @Test(arguments: ["pm/a/control", "pm/hub/control", "pm/a/health", "pm/reply/op/1"])
    func `a message has 64 user properties at most, besides those that name the requester`(topic: String) {
        for user in [Self.pairs(64), Self.pairs(64) + Self.pairs(200, "pm-user")] {
            #expect(bench.send(topic, #"{"host_name":"a"}"#, properties: .init(user: user)) != nil)
        }
        for user in [Self.pairs(65), Self.pairs(2, "x", String(repeating: "y", count: 140_000))] {
            #expect(bench.send(topic, #"{"host_name":"a"}"#, properties: .init(user: user)) == nil)
            #expect(bench.broker.lines.last?.hasPrefix("warning: hub: malformed: user op, client me: ") == true)
        }
    }

    @Test func `memory is given back after excess, at most once a second`() {
        func exceed() { bench.send("pm/a/health", "{}", properties: .init(user: Self.pairs(65))) }
        bench.pass(1)
        #expect(bench.broker.trims == 0)
        exceed()
        bench.pass(0.1)
        #expect(bench.broker.trims == 1)
        for _ in 1...5 {
            exceed()
            bench.pass(0.1)
        }
        #expect(bench.broker.trims == 1)
        bench.pass(1)
        #expect(bench.broker.trims == 2)
    }
}
