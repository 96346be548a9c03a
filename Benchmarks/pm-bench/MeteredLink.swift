import CBench
import Glibc
import TestSupport

/// A TCP connection between an agent and a broker that counts its bytes. The bench forwards them, in ``forward(for:)``.
final class MeteredLink {
    let port: UInt16
    private let listener: Int32
    private let broker: UInt16
    private var ends: (agent: Int32, broker: Int32)?
    private var earlier = 0.0

    init(to broker: UInt16) throws {
        port = try Broker.freePort()
        listener = try TCPSocket.listen(at: port, backlog: 1)
        self.broker = broker
    }

    deinit {
        cut()
        close(listener)
    }

    /// The bytes of all connections so far.
    var bytes: Double { earlier + (ends.map { bench_traffic($0.agent) } ?? 0) }

    /// Ends the connection, as a lost link does in the end.
    func cut() {
        guard let ends else { return }
        earlier = bytes
        close(ends.agent)
        close(ends.broker)
        self.ends = nil
    }

    /// Forwards what the links have received, for some milliseconds at most.
    static func forward(_ links: [MeteredLink], milliseconds: Int32) throws {
        var waiting = links.map { pollfd(fd: $0.ends?.agent ?? $0.listener, events: Int16(POLLIN), revents: 0) }
        waiting += links.map { pollfd(fd: $0.ends?.broker ?? -1, events: Int16(POLLIN), revents: 0) }
        guard poll(&waiting, nfds_t(waiting.count), milliseconds) > 0 else { return }
        for (index, link) in links.enumerated() {
            if waiting[index].revents != 0 { try link.receive(fromAgent: true) }
            if waiting[links.count + index].revents != 0 { try link.receive(fromAgent: false) }
        }
    }

    private func receive(fromAgent: Bool) throws {
        guard let ends else {
            let agent = accept(listener, nil, nil)
            guard agent >= 0 else { throw BenchError("accept: \(errno)") }
            guard let other = TCPSocket.connect(to: broker) else { throw BenchError("no broker at \(broker)") }
            self.ends = (agent, other)
            return
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let size = read(fromAgent ? ends.agent : ends.broker, &buffer, buffer.count)
        guard size > 0 else { return cut() }
        guard write(fromAgent ? ends.broker : ends.agent, buffer, size) == size else { return cut() }
    }
}
