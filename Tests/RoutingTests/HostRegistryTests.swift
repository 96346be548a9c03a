import Model
import Routing
import Testing

struct HostRegistryTests {
    private let alpha: HostName
    private let beta: HostName
    private let first = ConnectionKey(1)
    private let second = ConnectionKey(2)
    private var registry = HostRegistry()

    init() throws {
        alpha = try #require(HostName("alpha"))
        beta = try #require(HostName("beta"))
    }

    private func failure(_ text: String) -> Failure? {
        do {
            _ = try registry.route(text)
            return nil
        } catch { return error }
    }

    @Test mutating func `a host is routed to while it is online`() throws {
        #expect(failure("alpha") == Failure(.unknownHost, "unknown host"))
        #expect(registry.online(alpha, through: first, at: 1) == .hosts)
        #expect(try registry.route("alpha") == alpha)
        #expect(registry.offline(alpha, at: 2) == .hosts)
        #expect(failure("alpha") == Failure(.hostOffline, "host offline"))
        #expect(registry.offline(alpha, at: 3) == .none)
        #expect(registry.hosts == [HostPresence(host: alpha, isOnline: false, lastActive: 2)])
    }

    @Test(arguments: [
        "", "#", "+", "/", "a/b", "hub", "cluster", "reply", ".a", "ä", String(repeating: "a", count: 64),
    ])
    func `an invalid name is distinguished from an unknown one`(name: String) {
        #expect(failure(name) == Failure(.invalidArgument, "invalid host_name"))
    }

    @Test mutating func `a name that only looks the same is invalid`() throws {
        _ = registry.online(try #require(HostName("K")), through: first, at: 1)
        #expect("\u{212A}" == "K")
        #expect(failure("\u{212A}") == Failure(.invalidArgument, "invalid host_name"))
        #expect(failure("K") == nil)
    }

    @Test mutating func `the end of a connection takes all its hosts offline, and no others`() throws {
        _ = registry.online(alpha, through: first, at: 1)
        _ = registry.online(beta, through: first, at: 1)
        let gamma = try #require(HostName("gamma"))
        _ = registry.online(gamma, through: second, at: 1)
        #expect(registry.disconnected(first) == .hosts)
        #expect(registry.hosts.filter(\.isOnline).map(\.host) == [gamma])
        #expect(registry.disconnected(first) == .none)
    }

    @Test mutating func `a late end of the old connection does not touch the new one's host`() throws {
        _ = registry.online(alpha, through: first, at: 1)
        #expect(registry.online(alpha, through: second, at: 2) == .activity)
        #expect(registry.disconnected(first) == .none)
        #expect(try registry.route("alpha") == alpha)
        #expect(registry.disconnected(second) == .hosts)
        #expect(failure("alpha") == Failure(.hostOffline, "host offline"))
    }

    @Test mutating func `another connection that sends online and ends does not take the host offline`() throws {
        _ = registry.online(alpha, through: first, at: 1)
        #expect(registry.online(alpha, through: second, at: 2) == .activity)
        #expect(registry.disconnected(second) == .none)
        #expect(try registry.route("alpha") == alpha)
        #expect(registry.disconnected(first) == .hosts)
    }

    @Test mutating func `with too many connections for one host, the oldest is forgotten`() throws {
        for key in 0...UInt(Limits.hostConnections) { _ = registry.online(alpha, through: ConnectionKey(key), at: 1) }
        #expect(registry.disconnected(ConnectionKey(0)) == .none)
        for key in 1..<UInt(Limits.hostConnections) { #expect(registry.disconnected(ConnectionKey(key)) == .none) }
        #expect(registry.disconnected(ConnectionKey(UInt(Limits.hostConnections))) == .hosts)
    }

    @Test mutating func `only a host that is offline is forgotten`() {
        _ = registry.online(alpha, through: first, at: 1)
        #expect(registry.clear(alpha) == .none)
        _ = registry.disconnected(first)
        #expect(registry.clear(alpha) == .hosts)
        #expect(registry.hosts.isEmpty)
        #expect(registry.clear(alpha) == .none)
    }

    @Test mutating func `only messages through the host's connection count as activity`() {
        #expect(registry.heard(alpha, through: first, at: 1) == .none)
        _ = registry.online(alpha, through: first, at: 1)
        #expect(registry.heard(alpha, through: second, at: 2) == .none)
        #expect(registry.heard(alpha, through: first, at: 3) == .activity)
        #expect(registry.hosts.map(\.lastActive) == [3])
    }

    @Test mutating func `hosts are sorted by name`() {
        _ = registry.online(beta, through: first, at: 1)
        _ = registry.online(alpha, through: second, at: 1)
        #expect(registry.hosts.map(\.host) == [alpha, beta])
    }

    @Test func `a full registry forgets the host offline longest, and refuses when none is`() throws {
        var registry = HostRegistry(capacity: 3)
        let names = try (0..<6).map { try #require(HostName("host-\($0)")) }
        for (index, name) in names.prefix(3).enumerated() {
            #expect(registry.online(name, through: ConnectionKey(UInt(index)), at: Double(index)) == .hosts)
        }
        #expect(registry.online(names[3], through: first, at: 4) == .refused)
        #expect(registry.online(names[0], through: first, at: 4) == .activity)
        _ = registry.offline(names[2], at: 6)
        _ = registry.offline(names[1], at: 5)
        #expect(registry.online(names[3], through: first, at: 7) == .hosts)
        #expect(registry.hosts.map(\.host) == [names[0], names[2], names[3]])
        #expect(registry.online(names[4], through: first, at: 8) == .hosts)
        #expect(registry.online(names[5], through: first, at: 9) == .refused)
        #expect(registry.hosts.filter(\.isOnline).count == 3)
    }
}
