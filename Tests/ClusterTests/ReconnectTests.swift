import Model
import Testing

@testable import Cluster

/// What is known of hosts after the broker was away.
struct ReconnectTests {
    @Test func `of whom nothing is retained any more after a reconnect, nothing is known once it is silent`() throws {
        let id = try #require(HostName("v"))
        var table = HostTable()
        table.status(id, isOnline: false, at: 0)
        table.forgetPresence(at: 1)
        #expect(table.takeSilent(at: 1_000) == [id])
        #expect(table[id] == nil)
    }

    @Test func `who says anew that it is offline stays known`() throws {
        let id = try #require(HostName("v"))
        var table = HostTable()
        table.status(id, isOnline: false, at: 0)
        table.forgetPresence(at: 1)
        table.status(id, isOnline: false, at: 2)
        #expect(table.takeSilent(at: 1_000).isEmpty)
        #expect(table[id]?.presence == .offline)
    }
}
