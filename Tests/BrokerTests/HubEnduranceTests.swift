import Glibc
import TestSupport
import Testing

/// Requests by the million, routed and refused, leave nothing in the broker: `make check-plugin`, with less in `make test`.
struct HubEnduranceTests {
    /// Counted by what has to come of them.
    private struct Tally: Equatable {
        var routed = 0
        var answered = 0
    }

    /// What is sent, with who sends it and what comes of it.
    private enum Kind: CaseIterable {
        case byHostName, byNodeID, retained, forbidden, unknown, invalid, malformed, list

        var request: String {
            switch self {
            case .byHostName: #"{"start_process":{"path":"/bin/true","args":["1"]},"id":"1","host_name":"a"}"#
            case .byNodeID: #"{"method":"kill_process","args":{"process_id":"x"},"node_id":"a"}"#
            case .retained: #"{"host_name":"a","stop_process":{"pid":1}}"#
            case .forbidden: #"{"host_name":"b","method":"get_health","id":7,"reply_to":"pm/reply/me"}"#
            case .unknown: #"{"host_name":"ghost","stop_process":{"pid":1},"reply_to":"pm/reply/me"}"#
            case .invalid: #"{"host_name":"a/#","x":"é\u0041","reply_to":"pm/reply/me"}"#
            case .malformed: #"{"host_name":"b","reply_to":["#
            case .list: #"{"list_hosts":{},"reply_to":"pm/reply/me"}"#
            }
        }

        var isRouted: Bool { [.byHostName, .byNodeID, .retained].contains(self) }
    }

    private static let list = """
        topic readwrite #
        topic deny pm/b/control
        user admin
        topic readwrite #
        """

    private static let suppressions =
        #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/scripts/valgrind.suppressions"

    private static func requests(_ variable: String, usual: Int) -> Int {
        getenv(variable).flatMap { Int(String(cString: $0)) } ?? usual
    }

    @Test func `the broker does not grow`() async throws {
        try await withHub([]) { broker in
            let count = Self.requests("PM_HUB_REQUESTS", usual: 8_000)
            try await Self.send(max(2_000, count / 10), broker)
            let before = try broker.residentMemory
            let seconds = try await Self.send(count, broker)
            let growth = try broker.residentMemory - before
            print(
                "\(count) requests, \(Int(Double(count) / seconds)) a second, \(growth >> 10) KiB more than \(before >> 10)"
            )
            #expect(growth < 1 << 20)
        }
    }

    @Test(.enabled(if: access("/usr/bin/valgrind", X_OK) == 0))
    func `valgrind sees neither an error nor a leak`() async throws {
        let folder = try TemporaryFolder()
        let valgrind = [
            "/usr/bin/valgrind", "--leak-check=full", "--show-leak-kinds=definite,possible",
            "--errors-for-leak-kinds=definite", "--num-callers=30",
            "--suppressions=\(Self.suppressions)", "--log-file=\(folder.path)/valgrind",
        ]
        let count = Self.requests("PM_VALGRIND_REQUESTS", usual: 800)
        try await withHub(valgrind) { broker in
            let seconds = try await Self.send(count, broker)
            print("\(count) requests under valgrind, \(Int(Double(count) / seconds)) a second")
        }
        let report = folder.read("valgrind")
        #expect(report.contains("ERROR SUMMARY: 0 errors"), "\(report.suffix(20_000))")
        // Of what it makes of types, once, Swift keeps pointers to the middle, which valgrind does not trust.
        let lost = report.split(separator: "\n").filter { $0.contains("lost: ") }
        print(lost.joined(separator: "\n"))
        let bytes = lost.compactMap { line in
            line.split(separator: ":").last?.split(separator: " ").first.flatMap { Int($0.filter(\.isNumber)) }
        }
        #expect(bytes.reduce(0, +) < 1_000, "\(report.suffix(20_000))")
    }

    private func withHub(_ wrapper: [String], _ body: (Broker) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.list, to: "acl")
        let lines = ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"]
        try await withBroker(.init(hub: true, extra: lines, wrapper: wrapper), body)
    }

    /// - Returns: how many seconds it took.
    @discardableResult
    private static func send(_ count: Int, _ broker: Broker) async throws -> Double {
        let agent = try await TestClient(broker, .init(user: "admin"))
        for host in ["a", "b"] {
            try await agent.subscribe("pm/\(host)/control")
            try await agent.publish("pm/\(host)/status", "online", retain: true)
        }
        let clients = [
            try await TestClient(broker), try await TestClient(broker, .init(version: .v311)),
        ]
        let asker = clients[0]
        for filter in ["pm/hub/response", "pm/reply/#"] { try await asker.subscribe(filter) }
        // A topic of its own each, once: `settle()` leaves a subscription in the broker each time.
        let all = clients + [agent]
        for (index, client) in all.enumerated() { try await client.subscribe("settle/\(index)") }
        let kinds = Kind.allCases.map { ($0, Array($0.request.utf8)) }
        var sent = Tally()
        var seen = Tally()
        let begin = ContinuousClock.now
        while sent.routed + sent.answered < count {
            // A round fits into the queues of the broker, and into the patience of a client that waits for one under valgrind.
            for index in 0..<320 {
                let (kind, payload) = kinds[index % kinds.count]
                try clients[(index / kinds.count) % 2].send("pm/hub/control", payload, retain: kind == .retained)
                if kind.isRouted { sent.routed += 1 } else { sent.answered += 1 }
            }
            // Somebody always comes and goes.
            let passer = try await TestClient(broker)
            try await passer.publish("pm/c\(sent.routed % 97)/status", "online")
            // The senders first: then all that they have caused is on its way.
            for (index, client) in (all + [asker]).enumerated() {
                let topic = "settle/\(index % all.count)"
                try await client.publish(topic, "")
                _ = try await client.next(on: topic)
            }
            seen.routed += agent.takeAll().count { $0.topic == "pm/a/control" && !$0.isRetained }
            seen.answered += asker.takeAll().count { $0.topic == "pm/reply/me" || $0.topic == "pm/hub/response" }
        }
        #expect(seen == sent)
        let duration = (ContinuousClock.now - begin).components
        return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
    }
}
