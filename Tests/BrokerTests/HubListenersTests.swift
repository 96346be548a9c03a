import TestSupport
import Testing

/// A broker in which the hub is loaded more than once, or beside another plugin that decides on access.
@Suite(.serialized) struct HubListenersTests {
    private static let request = #"{"host_name":"a","list_active_processes":{}}"#

    /// A broker with settings for each listener and a second one at a socket, and a client at the second.
    private func withTwoListeners(
        _ options: [String] = [], _ body: (Broker, TestClient) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let second = "\(folder.path)/s"
        var broker = Broker.Options(hub: true, hasSettingsPerListener: true)
        broker.extra = ["listener 0 \(second)", "allow_anonymous true", "plugin \(try Binaries.hubPlugin)"] + options
        try await withBroker(broker) { broker in
            try await body(broker, try await TestClient(host: second, port: 0))
        }
    }

    @Test func `two listeners with settings of their own have one hub`() async throws {
        try await withTwoListeners { broker, client in
            let agent = try await TestClient(broker)
            try await agent.subscribe("pm/a/control")
            try await agent.publish("pm/a/status", "online", retain: true)
            try await client.publish("pm/hub/control", Self.request)
            #expect(try await agent.next(on: "pm/a/control").text == Self.request)
            // Also after a client of either listener is gone.
            let other = try await TestClient(broker)
            try await other.subscribe("pm/b/control")
            try await other.publish("pm/b/status", "online", retain: true)
            try await client.publish("pm/hub/control", #"{"host_name":"b","list_active_processes":{}}"#)
            _ = try await other.next(on: "pm/b/control")
        }
    }

    @Test func `different options for two listeners are refused with a reason`() async throws {
        let log = try await log(of: ["plugin_opt_max_requests_per_second 5"])
        #expect(log.contains("hub: all plugin lines of the hub must have the same plugin_opt lines"), "\(log)")
    }

    @Test func `two plugin lines for one listener are refused with a reason`() async throws {
        let log = try await log(of: ["plugin \(try Binaries.hubPlugin)"])
        #expect(
            log.contains("hub: the plugin is loaded twice for one listener: remove one of its plugin lines"), "\(log)")
    }

    /// The log of a broker that ends at its start.
    private func log(of options: [String]) async throws -> String {
        do {
            try await withTwoListeners(options) { _, _ in }
            return "it runs"
        } catch { return "\(error)" }
    }

    @Test(arguments: [false, true])
    func `beside dynamic-security requests are routed only if that is asked for`(isOpen: Bool) async throws {
        let plugin = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so"
        let folder = try TemporaryFolder()
        let rights = "\(folder.path)/rights.json"
        let setUp = try ChildProcess(
            ["/usr/bin/mosquitto_ctrl", "dynsec", "init", rights, "admin", "secret"], log: "\(folder.path)/log")
        #expect(try await setUp.ended() == 0, "\(folder.read("log"))")
        var options = Broker.Options()
        options.extra = ["plugin \(try Binaries.hubPlugin)"] + (isOpen ? ["plugin_opt_open true"] : [])
        options.extra += ["plugin \(plugin)", "plugin_opt_config_file \(rights)"]
        try await withBroker(options) { broker in
            let admin = TestClient.Options(user: "admin", password: "secret")
            let control = try await TestClient(broker, admin)
            // The admin may only manage rights until it is given more.
            let commands =
                #"{"commands":[{"command":"setDefaultACLAccess","acls":[{"acltype":"publishClientSend","allow":true},{"acltype":"publishClientReceive","allow":true},{"acltype":"subscribe","allow":true},{"acltype":"unsubscribe","allow":true}]}]}"#
            try await control.subscribe("$CONTROL/dynamic-security/#")
            try await control.publish("$CONTROL/dynamic-security/v1", commands)
            _ = try await control.next { $0.text.contains("setDefaultACLAccess") }
            let agent = try await TestClient(broker, admin)
            try await agent.subscribe("pm/a/control")
            try await agent.publish("pm/a/status", "online", retain: true)
            let client = try await TestClient(broker, admin)
            try await client.subscribe("pm/hub/response")
            try await client.publish("pm/hub/control", Self.request)
            if isOpen {
                #expect(try await agent.next(on: "pm/a/control").text == Self.request)
            } else {
                #expect(try await client.next(on: "pm/hub/response").value["error_message"] == "not authorized")
                try await agent.settle()
                #expect(!agent.messages.contains { $0.topic == "pm/a/control" })
                #expect(broker.log.contains("dynamic-security decides what clients may publish"))
            }
        }
    }

    @Test func `after a restart of the broker, a host that is gone is offline and not unknown`() async throws {
        let folder = try TemporaryFolder()
        var options = Broker.Options(hub: true, persistence: true)
        options.extra = ["plugin_opt_hosts_file \(folder.path)/hosts"]
        try await withBroker(options) { broker in
            let agent = try await TestClient(broker)
            try await agent.publish("pm/a/status", "online", retain: true)
            try await eventually("the file") { folder.read("hosts").contains(#""host_name":"a""#) }
            broker.kill()
            try await broker.start()
            let client = try await TestClient(broker)
            for topic in ["pm/hub/response", "pm/hub/hosts"] { try await client.subscribe(topic) }
            // The retained list of before is not emptied.
            _ = try await client.next { $0.topic == "pm/hub/hosts" && $0.text.contains(#""host_name":"a""#) }
            try await client.publish("pm/hub/control", Self.request)
            #expect(try await client.next(on: "pm/hub/response").value["error_message"] == "host offline")
            try await client.publish("pm/hub/control", #"{"host_name":"b","list_active_processes":{}}"#)
            #expect(try await client.next(on: "pm/hub/response").value["error_message"] == "unknown host")
        }
    }
}
