import JSONCodec
import LinuxSystem
import Model

/// A connection that carries JSON objects in both directions, one per line: a guest's serial line, or QEMU's monitor.
final class LineSocket {
    private let descriptor: Descriptor
    private let loop: EventLoop
    private let received: (JSON) -> Void
    private let ended: () -> Void
    private var incoming: [UInt8] = []
    private var outgoing: [UInt8] = []

    /// - Parameters:
    ///   - received: called for each object; lines that are no valid JSON are ignored.
    ///   - ended: called when the other end has been closed.
    init(
        _ descriptor: consuming Descriptor, on loop: EventLoop, ended: @escaping () -> Void = {},
        received: @escaping (JSON) -> Void
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.loop = loop
        self.ended = ended
        self.received = received
        try loop.watch(self.descriptor.number, for: .read) { [unowned self] in
            if $0.contains(.write) { flush() }
            if $0 != .write { receive() }
        }
    }

    deinit { loop.unwatch(descriptor.number) }

    func send(_ message: JSON) {
        outgoing += message.printed() + [UInt8(ascii: "\n")]
        flush()
    }

    /// Sends an object together with a descriptor. The connection must have room for it.
    func send(_ message: JSON, with descriptor: Int32) throws(SystemError) {
        let bytes = message.printed() + [UInt8(ascii: "\n")]
        let count = try self.descriptor.send(bytes, with: descriptor)
        outgoing += bytes.dropFirst(count)
        flush()
    }

    private func flush() {
        guard !outgoing.isEmpty else { return }
        if let count = try? descriptor.send(outgoing[...]) { outgoing.removeFirst(count) }
        try? loop.change(descriptor.number, to: outgoing.isEmpty ? .read : [.read, .write])
    }

    private func receive() {
        guard let bytes = descriptor.receive(limit: 16 << 10) else {
            loop.unwatch(descriptor.number)
            return ended()
        }
        incoming += bytes
        while let end = incoming.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(incoming[..<end])
            incoming.removeSubrange(...end)
            if let message = try? JSON.parse(line.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting) {
                received(message)
            }
        }
        // Bounds the memory that a guest can make the runner use.
        if incoming.count > Limits.payload { incoming = [] }
    }
}
