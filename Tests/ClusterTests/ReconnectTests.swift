import Model
import Testing

@testable import Cluster

/// The host table after an outage of the broker.
struct ReconnectTests {
    @Test func `a host without retained topics after a reconnect is removed when its deadline passes`() throws {
        let id = try #require(HostName("v"))
        var table = HostTable()
        table.status(id, isOnline: false, at: 0)
        table.forgetPresence(at: 1)
        #expect(table.takeSilent(at: 1_000) == [id])
        #expect(table[id] == nil)
    }

    @Test func `a host with a retained offline status after a reconnect stays known`() throws {
        let id = try #require(HostName("v"))
        var table = HostTable()
        table.status(id, isOnline: false, at: 0)
        table.forgetPresence(at: 1)
        table.status(id, isOnline: false, at: 2)
        #expect(table.takeSilent(at: 1_000).isEmpty)
        #expect(table[id]?.presence == .offline)
    }
}
