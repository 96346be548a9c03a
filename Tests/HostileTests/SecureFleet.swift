import Glibc
import TestSupport

/// The shipped hardened broker (`broker/secure`) with two hosts, pm-cluster and a user of each role.
///
/// ``with(settings:connections:_:)`` starts the fleet, runs an attack and then checks that the fleet is unharmed
/// (``isUnharmed(connections:isolation:)``). Attackers connect as one of ``users``: `eve` may only read, `box` is a
/// host that was broken into, `guests` are its nodes and VMs. `op` and `otto` are operators.
final class SecureFleet: Sendable {
    let broker: Broker
    let authority: Authority
    let agents: [AgentProcess]
    let cluster: ClusterProcess
    /// The retained messages before the attack.
    let before: [String: Message]

    static let hosts = ["box", "attic"]
    static let users = [
        ["box", "agent"], ["attic", "agent"], ["op", "operator"], ["otto", "operator"], ["eve", "viewer"],
        ["pm-cluster", "cluster"], ["guests", "guest", "blue", "red"],
    ]
    private static let root = String(#filePath.dropLast("/Tests/HostileTests/SecureFleet.swift".count))

    /// Runs `body` with a fleet that is online, then checks that it is unharmed.
    ///
    /// - Parameters:
    ///   - settings: lines for the broker's configuration; each replaces the line that begins with the same word.
    ///   - connections: the number of connections that each host has made at the end.
    static func with(settings: [String] = [], connections: Int = 1, _ body: (SecureFleet) async throws -> Void)
        async throws
    {
        let authority = try await Authority()
        let options = try await options(authority, settings)
        let broker = try await offPool { try Broker(options) }
        defer { broker.kill() }
        var logs: [() -> String] = [{ broker.log }]
        do {
            let agents = try hosts.map { host in
                try AgentProcess(
                    .init(host: host, configuration: configuration(host, broker, authority), url: ""), url: "")
            }
            defer { for agent in agents { agent.kill() } }
            let cluster = try ClusterProcess(
                url: "", configuration: configuration("pm-cluster", broker, authority))
            defer { cluster.kill() }
            logs += agents.map { agent in { agent.log } } + [{ cluster.log }]
            for agent in agents { try agent.start() }
            try cluster.start()
            let fleet = try await SecureFleet(broker, authority, agents, cluster)
            try await body(fleet)
            try await fleet.isUnharmed(connections: connections)
            for agent in agents { try await agent.stop() }
        } catch {
            throw TestError("\(error)\n--- logs:\n" + logs.map { $0() }.joined(separator: "\n---\n"))
        }
    }

    private init(
        _ broker: Broker, _ authority: Authority, _ agents: [AgentProcess], _ cluster: ClusterProcess
    ) async throws {
        (self.broker, self.authority, self.agents, self.cluster) = (broker, authority, agents, cluster)
        let eve = try await Self.client("eve", broker, authority)
        try await eve.subscribe("pm/#")
        for topic in (Self.hosts + ["cluster"]).map({ "pm/\($0)/status" }) {
            _ = try await eve.next { $0.topic == topic && $0.text == "online" }
        }
        for host in Self.hosts { _ = try await eve.next(on: "pm/\(host)/health") }
        _ = try await eve.next { $0.topic == "pm/cluster/node/health" && $0.text.contains(#""online":2"#) }
        _ = try await eve.next { $0.topic == "pm/hub/hosts" && Self.hosts.allSatisfy($0.text.contains) }
        before = try await Self.retained(eve)
    }

    // MARK: Files

    /// The shipped configuration, with other paths and another port.
    private static func options(_ authority: Authority, _ settings: [String]) async throws -> Broker.Options {
        let pair = try await authority.broker("127.0.0.1", "localhost")
        let folder = authority.folder.path
        for user in users { try await change(["add", folder] + user, authority) }
        var options = Broker.Options()
        options.configuration = { own, port in
            let text = TemporaryFolder.text(of: "\(root)/broker/secure/mosquitto.conf")
            let lines = text.split(separator: "\n").map { line -> String in
                let word = line.split(separator: " ").first
                if let setting = settings.first(where: { $0.split(separator: " ").first == word }) { return setting }
                return switch word {
                case "listener": "listener \(port) 127.0.0.1"
                case "certfile": "certfile \(pair.certificate)"
                case "keyfile": "keyfile \(pair.key)"
                case "plugin": "plugin \((try? Binaries.hubPlugin) ?? "")"
                default:
                    String(line).replacing("/etc/mosquitto/pmqtt/", with: "\(folder)/")
                        .replacing("/var/lib/mosquitto/", with: "\(own.path)/")
                }
            }
            // As root, mosquitto would switch to a user that cannot read the folders.
            return (lines + (getuid() == 0 ? ["user root"] : [])).joined(separator: "\n") + "\n"
        }
        return options
    }

    private static func change(_ words: [String], _ authority: Authority) async throws {
        let log = "\(authority.folder.path)/log"
        let status = try await ChildProcess(["/bin/sh", "\(root)/broker/user.sh"] + words, log: log).ended()
        guard status == 0 else { throw TestError("user.sh: \(authority.folder.read("log"))") }
    }

    /// Gives a user a new password.
    ///
    /// - Parameter user: the arguments of `user.sh add` after the directory: name, role and, for guests, hosts.
    func renewPassword(of user: [String]) async throws {
        try await Self.change(["remove", authority.folder.path, user[0]], authority)
        try await Self.change(["add", authority.folder.path] + user, authority)
    }

    private static func configuration(
        _ user: String, _ broker: Broker, _ authority: Authority
    ) -> String {
        let guests =
            hosts.contains(user)
            ? #","node_spares":0,"guest_user":"guests","guest_password_file":"\#(authority.folder.path)/guests.password""#
            : ""
        return #"{"broker":"mqtts://127.0.0.1:\#(broker.port)","user":"\#(user)","health_interval":1,"#
            + #""password_file":"\#(authority.folder.path)/\#(user).password","ca":"\#(authority.certificate)"\#(guests)}"#
    }

    // MARK: Clients

    static func password(_ user: String, _ authority: Authority) -> String {
        String(authority.folder.read("\(user).password").prefix { $0 != "\n" })
    }

    func password(_ user: String) -> String { Self.password(user, authority) }

    /// A client that is connected as a user.
    ///
    /// - Parameter options: further options; user, password and CA are set here.
    func client(_ user: String, _ options: TestClient.Options = .init()) async throws -> TestClient {
        try await Self.client(user, broker, authority, options)
    }

    private static func client(
        _ user: String, _ broker: Broker, _ authority: Authority, _ options: TestClient.Options = .init()
    ) async throws -> TestClient {
        var options = options
        options.user = user
        options.password = password(user, authority)
        options.authority = authority.certificate
        // About once in a thousand connects, libmosquitto opens a TLS connection and never sends its CONNECT.
        options.patience = .seconds(5)
        for _ in 0..<3 {
            do { return try await TestClient(host: "127.0.0.1", port: broker.port, options) } catch {
                guard "\(error)".contains("CONNACK") else { throw error }
            }
        }
        options.patience = TestClient.patience
        return try await TestClient(host: "127.0.0.1", port: broker.port, options)
    }

    /// Sends a request as an operator and returns the answer.
    func ask(_ topic: String, _ request: String) async throws -> JSONValue {
        let client = try await client("op")
        let inbox = "pm/reply/op/\(UInt64.random(in: 0 ... .max))"
        try await client.subscribe(inbox)
        let code = try await client.publish(topic, request, properties: .init(responseTopic: inbox))
        guard code < 0x80 else { throw TestError("\(topic) refused: \(code)") }
        return try await client.next(on: inbox).value
    }

    func ask(_ topic: String, _ request: Request) async throws -> JSONValue { try await ask(topic, request.text) }

    // MARK: Harm

    /// The retained messages, read by a client that may read all topics.
    private static func retained(_ eve: TestClient) async throws -> [String: Message] {
        try await eve.settle(below: "pm/reply/eve")
        eve.takeAll()
        try await eve.subscribe("pm/#")
        try await eve.settle(below: "pm/reply/eve")
        let messages = eve.takeAll().filter(\.isRetained)
        return Dictionary(messages.map { ($0.topic, $0) }) { _, last in last }
    }

    func retained() async throws -> [String: Message] { try await Self.retained(try await client("eve")) }
}
