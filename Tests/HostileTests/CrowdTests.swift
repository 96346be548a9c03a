import Glibc
import TestSupport
import Testing

/// More connections than the broker accepts: 4,000 at a time (`max_connections`).
@Suite(.serialized) struct CrowdTests {
    private static let connections = 10_000
    private static let lowest = 2_048

    /// Each connection takes a descriptor above 2,048, because the clients of other tests need low numbers:
    /// libmosquitto uses select(2), which supports 1,024.
    private static let canHoldThem = Descriptors.raise(to: lowest + connections + 1_000)

    @Test(.enabled(if: canHoldThem, "needs a hard limit of 13,048 descriptors (ulimit -Hn)"))
    func `existing connections keep working when thousands more are opened`() async throws {
        try await SecureFleet.with { fleet in
            let op = try await fleet.client("op")
            try await op.subscribe("pm/reply/op/busy")
            var sockets: [Int32] = []
            defer { for socket in sockets { close(socket) } }
            var most = 0
            let deadline = ContinuousClock.now + .seconds(80)
            // The broker drops a client without a CONNECT after a minute and a half. Until then every connection
            // counts.
            while sockets.count < Self.connections, ContinuousClock.now < deadline {
                // With a full backlog, connecting would block for a second.
                guard let socket = TCPSocket.connect(to: fleet.broker.port, patience: 20) else { continue }
                sockets.append(fcntl(socket, F_DUPFD_CLOEXEC, Int32(Self.lowest)))
                close(socket)
                // Other tests need this thread.
                if sockets.count % 250 == 0 { await Task.yield() }
                guard sockets.count % 1_000 == 0 else { continue }
                try await op.publish("pm/box/control", #"{"method":"get_health","reply_to":"pm/reply/op/busy"}"#)
                _ = try await op.next(on: "pm/reply/op/busy")
                most = max(most, TemporaryFolder.names(in: "/proc/\(fleet.broker.pid)/fd").count)
            }
            print("\(sockets.count) connections, of which the broker had at most \(most) open")
            // Even a slow host opens this many, which is more than the broker accepts.
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
