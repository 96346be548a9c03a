import Glibc
import Synchronization

/// A broker without MQTT 5: a proxy that refuses or closes MQTT 5 connections and forwards all others to a real broker.
package final class OldBroker: Sendable {
    package enum Manner: Sendable, CaseIterable {
        /// CONNACK with MQTT 5's reason code 0x84, "unsupported protocol version".
        case refusesLikeFive
        /// CONNACK with MQTT 3.1.1's return code 1, "unacceptable protocol version".
        case refusesLikeThree
        case hangsUp
    }

    package let broker: Broker
    private let folder: TemporaryFolder
    private let listener: Int32
    private let count = Atomic(0)
    private let isMended = Atomic(false)

    package var url: String { "unix://\(folder.path)/s" }

    /// The number of connections that it has forwarded.
    package var passed: Int { count.load(ordering: .relaxed) }

    /// Forwards connections with MQTT 5 as well from now on. Those that are open stay.
    package func mend() { isMended.store(true, ordering: .relaxed) }

    package init(_ manner: Manner, before broker: Broker) throws {
        self.broker = broker
        folder = try TemporaryFolder()
        listener = try UnixSocket.listen(at: "\(folder.path)/s")
        let target = broker.socket
        let listener = listener
        // The thread ends with the listener, and the thread of a connection ends with either end.
        Self.detach { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Self.detach { [weak self] in
                    let isMended = self?.isMended.load(ordering: .relaxed) == true
                    Self.serve(client, isMended ? nil : manner, target) { self?.count.add(1, ordering: .relaxed) }
                    close(client)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// - Parameter manner: nil: connections with MQTT 5 are forwarded, too.
    private static func serve(_ client: Int32, _ manner: Manner?, _ target: String, passed: () -> Void) {
        var packet = [UInt8](repeating: 0, count: 65536)
        let size = read(client, &packet, packet.count)
        // CONNECT: type, remaining length (one to four bytes), "MQTT" with its length, protocol version.
        guard size > 0, let start = packet[..<size].firstRange(of: [0, 4] + Array("MQTT".utf8)),
            start.upperBound < size
        else { return }
        if let manner, packet[start.upperBound] >= 5 {
            switch manner {
            case .refusesLikeFive: _ = write(client, [0x20, 3, 0, 0x84, 0] as [UInt8], 5)
            case .refusesLikeThree: _ = write(client, [0x20, 2, 0, 1] as [UInt8], 4)
            case .hangsUp: break
            }
            return
        }
        guard let broker = UnixSocket.connect(to: target) else { return }
        defer { close(broker) }
        passed()
        guard write(broker, packet, size) == size else { return }
        pump(client, broker)
    }

    private static func pump(_ one: Int32, _ other: Int32) {
        var ends = [one, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while poll(&ends, 2, -1) > 0 {
            for (from, to) in [(0, 1), (1, 0)] where ends[from].revents != 0 {
                let size = read(ends[from].fd, &buffer, buffer.count)
                guard size > 0 else { return }
                var sent = 0
                while sent < size {
                    let count = buffer.withUnsafeBytes { bytes -> Int in
                        guard let base = bytes.baseAddress else { return -1 }
                        return send(ends[to].fd, base + sent, size - sent, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { return }
                    sent += count
                }
            }
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    package static func detach(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if code == 0 { pthread_detach(thread) } else { work.release() }
    }
}
