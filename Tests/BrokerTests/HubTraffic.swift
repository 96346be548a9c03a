import TestSupport
import Testing

/// Requests of all kinds through the hub of a broker with an ACL file, while clients connect and disconnect.
enum HubTraffic {
    /// Counts requests by their expected result.
    private struct Tally: Equatable {
        var routed = 0
        var answered = 0
    }

    /// A kind of request, with its payload and its expected result.
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

    static let accessList = """
        topic readwrite #
        topic deny pm/b/control
        user admin
        topic readwrite #
        """

    /// Sends at least `count` requests and checks that each is routed or answered exactly once.
    ///
    /// - Returns: the duration in seconds.
    @discardableResult
    static func send(_ count: Int, _ broker: Broker) async throws -> Double {
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
        // Each client settles on one topic of its own, because `settle()` leaves a subscription in the broker each
        // time.
        let all = clients + [agent]
        for (index, client) in all.enumerated() { try await client.subscribe("settle/\(index)") }
        let kinds = Kind.allCases.map { ($0, Array($0.request.utf8)) }
        var sent = Tally()
        var seen = Tally()
        let begin = ContinuousClock.now
        while sent.routed + sent.answered < count {
            // A round must fit into the broker's queues and, under valgrind, into the time that a client waits for a
            // message.
            for index in 0..<320 {
                let (kind, payload) = kinds[index % kinds.count]
                try clients[(index / kinds.count) % 2].send("pm/hub/control", payload, retain: kind == .retained)
                if kind.isRouted { sent.routed += 1 } else { sent.answered += 1 }
            }
            // In each round, a client connects and disconnects.
            let passer = try await TestClient(broker)
            try await passer.publish("pm/c\(sent.routed % 97)/status", "online")
            // The senders settle first: then everything that they have caused has been queued.
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
