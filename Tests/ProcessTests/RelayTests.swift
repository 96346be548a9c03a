import Glibc
import TestSupport
import Testing

/// Brokers at WebSockets and behind HTTP proxies.
///
/// mosquitto's WebSocket listens at all addresses, so broker, proxy, agent and pmctl are in a network of their own.
@Suite(.serialized, .enabled(if: RelayNeeds.obstacle == nil, Comment(rawValue: RelayNeeds.obstacle ?? "")))
struct RelayTests {
    /// The broker's way, its URL and the settings of the agent.
    enum Way: String, CaseIterable {
        case webSocket, encryptedWebSocket, proxy, encryptedProxy, webSocketByProxy, encryptedWebSocketByProxy
        case exception

        var url: String {
            switch self {
            case .webSocket, .webSocketByProxy: "ws://127.0.0.1:9001/mqtt"
            case .encryptedWebSocket, .encryptedWebSocketByProxy: "wss://127.0.0.1:9002/mqtt"
            case .proxy, .exception: "mqtt://127.0.0.1:1883"
            case .encryptedProxy: "mqtts://127.0.0.1:8883"
            }
        }

        func settings(_ place: Place) -> [String: String] {
            var settings: [String: String] = [:]
            if url.hasPrefix("wss") || url.hasPrefix("mqtts") { settings["ca"] = place.authority.certificate }
            switch self {
            case .webSocket, .encryptedWebSocket: break
            // Nothing listens there.
            case .exception: (settings["proxy"], settings["no_proxy"]) = ("http://127.0.0.1:9", "10.0.0.1,127.0.0.1")
            default:
                settings["proxy"] = "http://127.0.0.1:3128"
                settings["proxy_user"] = "olive"
                settings["proxy_password_file"] = "\(place.authority.folder.path)/proxy.password"
            }
            return settings
        }
    }

    struct Place {
        let broker: Broker
        let authority: Authority
        let network: PrivateNetwork

        /// Runs pmctl there.
        func pmctl(_ url: String, _ settings: [String: String], _ words: String...) async throws -> (Int32, String) {
            let variables = settings.map { "PM_\($0.key.uppercased())=\($0.value)" }
            let log = "\(authority.folder.path)/pmctl"
            unlink(log)
            let command = network.inside + ["/usr/bin/env"] + variables + [try Binaries.pmctl, "--broker", url] + words
            let status = try await ChildProcess(command, log: log).ended()
            return (status >> 8, authority.folder.read("pmctl"))
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        let authority = try await Authority()
        let pair = try await authority.broker("127.0.0.1")
        let folder = authority.folder
        try folder.write("secret\n", to: "proxy.password")
        let encrypted = ["certfile \(pair.certificate)", "keyfile \(pair.key)"]
        let lines =
            ["listener 1883 127.0.0.1", "listener 9001", "protocol websockets", "listener 9002", "protocol websockets"]
            + encrypted + ["listener 8883 127.0.0.1"] + encrypted
        let network = try await PrivateNetwork()
        try await withBroker(.init(extra: lines, wrapper: network.inside)) { broker in
            let ports = [1883, 8883, 9001, 9002].map { "ConnectPort \($0)\n" }.joined()
            let rules = "Port 3128\nListen 127.0.0.1\nTimeout 600\nBasicAuth olive secret\n\(ports)"
            try folder.write(rules, to: "proxy")
            let proxy = try ChildProcess(
                network.inside + ["/usr/bin/tinyproxy", "-d", "-c", "\(folder.path)/proxy"],
                log: "\(folder.path)/proxy.log")
            defer { proxy.end(with: SIGKILL) }
            let place = Place(broker: broker, authority: authority, network: network)
            try await eventually("the proxy listens") { folder.read("proxy.log").contains("Accepting connections") }
            try await body(place)
        }
    }

    @Test(arguments: Way.allCases) func `agent and pmctl work over this way`(way: Way) async throws {
        try await withPlace { place in
            let settings = way.settings(place)
            let configuration = settings.map { "\"\($0.key)\":\"\($0.value)\"" } + [#""policy":{"allow":["/**"]}"#]
            let options = AgentProcess.Options(
                configuration: "{\(configuration.joined(separator: ","))}", wrapper: place.network.inside, url: way.url)
            let agent = try AgentProcess(options, url: way.url)
            let client = try await TestClient(place.broker)
            for filter in ["pm/h1/status", "pm/reply/#"] { try await client.subscribe(filter) }
            do {
                try agent.start()
                #expect(try await client.next(on: "pm/h1/status").text == "online")
                // More than a WebSocket's frames and the relay's buffers hold.
                let text = String(repeating: "x", count: 100_000)
                let request =
                    #"{"method":"start_process","args":{"config":{"name":"a","command":"sleep 1000","env":{"A":"\#(text)"}}},"reply_to":"pm/reply/me"}"#
                try await client.publish("pm/h1/control", request)
                let answer = try await client.next(on: "pm/reply/me").value
                let quotation = try JSONValue(request)
                #expect(answer["result"]?["status"] == "success" && answer["request"] == quotation)
                let (code, output) = try await place.pmctl(way.url, settings, "ps", "h1")
                #expect(code == 0 && output.contains("running"), "\(output)")
                let worker = try #require(agent.worker)
                let relays = worker.children.filter(\.isRelay)
                #expect(relays.count == 1)
                // The relay is gone: the agent connects again, by another one.
                let relay = try #require(relays.first)
                let descriptors = worker.descriptors.count
                relay.kill()
                _ = try await client.next { $0.topic == "pm/h1/status" && $0.text == "offline" }
                _ = try await client.next { $0.topic == "pm/h1/status" && $0.text == "online" }
                #expect(worker.children.filter(\.isRelay).map(\.pid) != [relay.pid])
                // A thread of its own has started the second one.
                try await eventually("no descriptors are left") { worker.descriptors.count <= descriptors }
            } catch { throw TestError("\(error)\n--- the agent's log:\n\(agent.log)") }
            try await agent.stop()
            #expect(agent.descendants.isEmpty)
        }
    }

    @Test func `failures are told as what they are`() async throws {
        try await withPlace { place in
            let proxy = ["proxy": "http://127.0.0.1:3128"]
            for (url, settings, reason) in [
                ("ws://127.0.0.1:1883/mqtt", [:], "the WebSocket's server"),
                ("ws://127.0.0.1:9/", [:], "Failed to connect to 127.0.0.1 port 9"),
                ("wss://127.0.0.1:9002/mqtt", [:], "certificate"),
                ("mqtt://127.0.0.1:1883", proxy, "response 407"),
                ("mqtt://127.0.0.1:1883", ["proxy": "http://127.0.0.1:9"], "Failed to connect to 127.0.0.1 port 9"),
                ("mqtt://127.0.0.1:77", proxy.merging(["proxy_user": "olive"]) { $1 }, "response 40"),
            ] as [(String, [String: String], String)] {
                let (code, output) = try await place.pmctl(url, settings, "hosts")
                #expect(code == 111 && output.contains(reason) && output.split(separator: "\n").count == 1, "\(output)")
            }
        }
    }
}

extension SystemProcess {
    fileprivate var isRelay: Bool { arguments.first == "pm-relay" }
}

/// What these tests need of the host.
private enum RelayNeeds {
    static let obstacle =
        PrivateNetwork.obstacle ?? (access("/usr/bin/tinyproxy", X_OK) == 0 ? nil : "needs tinyproxy")
}
