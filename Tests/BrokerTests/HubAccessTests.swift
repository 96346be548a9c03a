import Glibc
import TestSupport
import Testing

/// Which clients' requests the hub routes, in a broker with an ACL file.
struct HubAccessTests {
    private static let hosts = ["a", "b", "web.1"]
    private static let users = ["a", "op", "web.1", "nobody", nil]
    /// Rules that apply to every client in these tests.
    private static let common = "topic write pm/hub/control\ntopic pm/reply/#\ntopic settle/#\n"

    /// Runs the body with a broker and a client with all rights, which has published `online` for the hosts and
    /// receives their requests.
    private func withAccessList(
        _ text: String, _ body: (Broker, TestClient, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "acl")
        let options = Broker.Options(
            hub: true, extra: ["plugin_opt_acl_file \(folder.path)/acl", "acl_file \(folder.path)/acl"])
        try await withBroker(options) { broker in
            let watcher = try await TestClient(broker, .init(user: "admin"))
            for host in Self.hosts {
                try await watcher.publish("pm/\(host)/status", "online", retain: true)
                try await watcher.subscribe("pm/\(host)/control")
            }
            try await body(broker, watcher, folder)
        }
    }

    private static func list(_ rules: String) -> String {
        "\(common)\(rules)\nuser admin\ntopic readwrite #\n"
            + users.compactMap(\.self).map { "user \($0)\n\(common)" }.joined()
    }

    @Test func `a request to a host without the right to it is refused in both dialects and logged`() async throws {
        try await withAccessList(Self.list("user op\ntopic write pm/a/control")) { broker, watcher, _ in
            let client = try await TestClient(broker, .init(id: "me", user: "op"))
            try await client.subscribe("pm/reply/me")
            for host in ["a", "b"] {
                try await client.publish(
                    "pm/hub/control",
                    #"{"host_name":"\#(host)","method":"get_health","id":"1","reply_to":"pm/reply/me"}"#)
            }
            let answer = try await client.next(on: "pm/reply/me").value
            #expect(answer["id"] == "1" && answer["result"]?["status"] == "failed")
            #expect(answer["result"]?["error"] == ["code": "not_authorized", "detail": "not authorized"])
            try await client.publish(
                "pm/hub/control",
                #"{"host_name":"b","start_process":{"path":"/bin/true"},"id":2,"reply_to":"pm/reply/me"}"#)
            let old = try await client.next(on: "pm/reply/me").value
            #expect(old == ["success": false, "error_message": "not authorized", "host_name": "b", "id": 2])
            try await watcher.settle()
            #expect(watcher.messages.map(\.topic) == ["pm/a/control"])
            try await eventually("the log") {
                broker.log.contains("hub: not authorized: user op, client me: get_health on b")
                    && broker.log.contains("hub: not authorized: user op, client me: start_process on b")
            }
        }
    }

    @Test func `a hub without the option ignores the broker's ACL file and logs that at the start`() async throws {
        let notice = "hub: no plugin_opt_acl_file: access to hosts is not restricted\n"
        let folder = try TemporaryFolder()
        try folder.write(Self.list(""), to: "acl")
        try await withBroker(.init(hub: true, extra: ["acl_file \(folder.path)/acl"])) { broker in
            let watcher = try await TestClient(broker, .init(user: "admin"))
            try await watcher.subscribe("pm/a/control")
            try await watcher.publish("pm/a/status", "online", retain: true)
            let client = try await TestClient(broker, .init(user: "op"))
            #expect(try await client.publish("pm/a/control", "{}") == 0x87)
            try await client.publish("pm/hub/control", #"{"host_name":"a","method":"get_health"}"#)
            #expect(try await watcher.next(on: "pm/a/control").text.contains("get_health"))
            #expect(broker.log.split(separator: notice, omittingEmptySubsequences: false).count == 2)
        }
        try await withAccessList(Self.list("")) { broker, _, _ in #expect(!broker.log.contains(notice)) }
    }

    @Test func `the hub decides as the broker does`() async throws {
        var seed = Seed.fresh()
        print(seed)
        for _ in 0..<10 {
            var rules = ""
            for _ in 0..<Int.random(in: 0...12, using: &seed) { rules += Self.rule(&seed) + "\n" }
            try await withAccessList(Self.list(rules)) { broker, watcher, _ in
                for user in Self.users {
                    let id = ["a", "b", "c"].randomElement(using: &seed) ?? ""
                    let client = try await TestClient(broker, .init(id: id, user: user))
                    for host in Self.hosts {
                        try await client.publish("pm/\(host)/control", "direct")
                        try await client.publish(
                            "pm/hub/control", #"{"host_name":"\#(host)","method":"get_health"}"#)
                        // The client can't settle itself, as a rule may deny that. But acknowledged messages precede
                        // the watcher's.
                        try await watcher.settle()
                        let seen = watcher.takeAll().filter { $0.topic == "pm/\(host)/control" }
                        let isDirect = seen.contains { $0.text == "direct" }
                        let isRouted = seen.contains { $0.text != "direct" }
                        #expect(isDirect == isRouted, "\(user ?? "-") \(id) \(host), \(seed)\n\(rules)")
                    }
                    client.disconnect()
                }
            }
        }
    }

    private static func rule(_ seed: inout Seed) -> String {
        let kinds = ["user a", "user op", "user web.1", "topic", "topic", "pattern", "pattern"]
        let kind = kinds.randomElement(using: &seed) ?? ""
        if kind.hasPrefix("user") { return kind }
        let access = ["", "read ", "write ", "write ", "readwrite ", "deny "].randomElement(using: &seed) ?? ""
        let topics = [
            "pm/#", "pm/+/control", "pm/a/control", "pm/b/#", "#", "+/+/control", "pm/web.1/control", "pm/a", "pm/+",
            "pm/%u/control", "pm/%c/control", "pm/%u/#", "+/%c/+", "%u/a/control", "$SYS/#",
        ]
        return "\(kind) \(access)\(topics.randomElement(using: &seed) ?? "")"
    }

    @Test func `a changed file takes effect at the broker's SIGHUP, and with an invalid one all requests are refused`()
        async throws
    {
        try await withAccessList(Self.list("")) { broker, watcher, folder in
            let client = try await TestClient(broker, .init(user: "op"))
            func isRouted() async throws -> Bool {
                try await client.publish("pm/hub/control", #"{"host_name":"a","method":"get_health"}"#)
                try await watcher.settle()
                return !watcher.takeAll().isEmpty
            }
            #expect(try await !isRouted())
            try folder.write(Self.list("user op\ntopic write pm/a/control"), to: "acl")
            kill(broker.pid, SIGHUP)
            try await eventually("the new list") { try await isRouted() }
            try folder.write("nonsense\n" + Self.list("user op\ntopic write pm/a/control"), to: "acl")
            kill(broker.pid, SIGHUP)
            try await eventually("requests are refused") { try await !isRouted() }
            #expect(
                broker.log.contains("/acl: line 1: it begins with neither topic, pattern nor user: requests refused"))
        }
    }
}
