import JSONCodec
import LinuxSystem
import Model
import Wire

/// Warms up a guest that has no identity yet: acts as its broker and lets it run, stop and remove a process.
///
/// A guest's first execution of any code is slow. Clones of a guest that has warmed up have its memory prepared; in a
/// prestarted VM, QEMU has also translated the code. Only the few MQTT 5 packets that are needed for this are
/// supported.
final class WarmUp {
    private let loop: EventLoop
    private let over: () -> Void
    private var listener: Descriptor?
    private var connection: Descriptor?
    private var incoming: [UInt8] = []
    private var requests: [JSON] = [
        request("start_process", ["config": ["name": "rehearsal", "command": "sleep 1000"]]),
        request("kill_process", ["process_id": "rehearsal"]),
        request("remove_process", ["process_id": "rehearsal"]),
    ]

    /// - Parameters:
    ///   - listener: accepts the guest's connections.
    ///   - over: called when the guest has answered all requests.
    init(
        _ listener: consuming Descriptor, on loop: EventLoop, over: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.over = over
        let number = listener.number
        self.listener = consume listener
        try loop.watch(number, for: .read) { [unowned self] _ in accept() }
    }

    deinit {
        if let number = listener?.number { loop.unwatch(number) }
        if let number = connection?.number { loop.unwatch(number) }
    }

    /// The listener, for the relay that replaces this object.
    func takeListener() -> Descriptor? {
        if let number = listener?.number { loop.unwatch(number) }
        return listener.take()
    }

    private static func request(_ method: String, _ arguments: JSON) -> JSON {
        ["id": .string(method), "method": .string(method), "args": arguments]
    }

    private func accept() {
        guard connection == nil, let accepted = listener?.accept() else { return }
        let number = accepted.number
        connection = consume accepted
        try? loop.watch(number, for: .read) { [unowned self] _ in receive(number) }
    }

    private func receive(_ number: Int32) {
        guard let bytes = connection?.receive(limit: 16 << 10) else {
            loop.unwatch(number)
            connection = nil
            return
        }
        incoming += bytes
        while let packet = ClientPacket(taking: &incoming) { hear(packet) }
        if incoming.count > Limits.payload { incoming = [] }
    }

    private func hear(_ packet: ClientPacket) {
        switch packet {
        case .connect: send([0x20, 3, 0, 0, 0])
        case .subscribe(let id): send([0x90, 4] + id + [0, 1])
        case .publish(let topic, let id):
            if let id { send([0x40, 2] + id) }
            hear(Topic(topic))
        case .other: break
        }
    }

    private func hear(_ topic: Topic?) {
        switch topic {
        // The agent's last message after a connect, or an answer: time for the next request.
        case .info(let host), .response(let host):
            guard !requests.isEmpty else { return over() }
            let topic = Array(Topic.control(host).description.utf8)
            let body = [0, UInt8(topic.count)] + topic + [0] + requests.removeFirst().printed()
            // The packet length is far below 16,384, and the topic length below 256.
            send([0x30, UInt8(body.count & 127 | 128), UInt8(body.count >> 7)] + body)
        default: break
        }
    }

    private func send(_ bytes: [UInt8]) { _ = try? connection?.send(bytes[...]) }
}
