import Glibc
import TestSupport
import Testing

/// More of them than the broker takes: 4,000 at a time (`max_connections`).
@Suite(.serialized) struct CrowdTests {
    private static let connections = 10_000
    private static let lowest = 2_048

    /// Each takes a descriptor, above those of the clients of other tests: libmosquitto waits by select(2), which knows 1,024.
    private static let canHoldThem = Descriptors.raise(to: lowest + connections + 1_000)

    @Test(.enabled(if: canHoldThem, "takes a hard limit of 13,048 descriptors (ulimit -Hn)"))
    func `thousands of connections leave those that are there alone`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            try await op.subscribe("pm/reply/op/busy")
            var sockets: [Int32] = []
            defer { for socket in sockets { close(socket) } }
            var most = 0
            let deadline = ContinuousClock.now + .seconds(80)
            // The broker drops who says nothing after a minute and a half: until then they are all its own.
            while sockets.count < Self.connections, ContinuousClock.now < deadline {
                // A full backlog would have it wait a second.
                guard let socket = TCPSocket.connect(to: fleet.broker.port, patience: 20) else { continue }
                sockets.append(fcntl(socket, F_DUPFD_CLOEXEC, Int32(Self.lowest)))
                close(socket)
                // Other tests wait for this one's thread.
                if sockets.count % 250 == 0 { await Task.yield() }
                guard sockets.count % 1_000 == 0 else { continue }
                try await op.publish("pm/box/control", #"{"method":"get_health","reply_to":"pm/reply/op/busy"}"#)
                _ = try await op.next(on: "pm/reply/op/busy")
                most = max(most, TemporaryFolder.names(in: "/proc/\(fleet.broker.pid)/fd").count)
            }
            print("\(sockets.count) connections, of which the broker had \(most) open")
            // As many as a slow machine comes to, and always more than there is room for.
            #expect(sockets.count > 5_000 && !sockets.contains(-1))
            #expect((4_000..<4_100).contains(most))
            #expect(fleet.broker.log.contains("max_connections exceeded"))
            while let socket = sockets.popLast() { close(socket) }
            try await eventually("room again") {
                TemporaryFolder.names(in: "/proc/\(fleet.broker.pid)/fd").count < 100
            }
        }
    }
}
