import Glibc
import JSONCodec
import LinuxSystem
import Model

/// The line between a guest and whoever runs its machine: an object of JSON a line, both ways.
final class SerialLine {
    private let descriptor: Descriptor
    private var received: [UInt8] = []

    init(_ path: String) throws(SystemError) {
        descriptor = try Descriptor.open(path, O_RDWR | O_NOCTTY)
        try descriptor.makeRaw()
    }

    /// What a guest says of itself.
    enum News: String {
        case waits
        case isUp = "is up"
        case ends
    }

    func say(_ news: News) {
        let message: JSON = ["guest": .string(news.rawValue)]
        try? descriptor.write(message.printed() + [newline])
    }

    /// Waits for a line; for the time before there is a loop.
    func receive() throws(SystemError) -> [UInt8] {
        while true {
            if let line = takeLine() { return line }
            try read()
        }
    }

    /// Writes files that came over the line, as the broker's password: in memory only, and for their owner alone.
    static func write(_ files: JSON?) throws(SystemError) {
        for file in files?.members ?? [] {
            try FileSystem.replace(file.key, with: Array((file.value.string ?? "").utf8), isDurable: false)
        }
    }

    /// Calls `stop` when the machine is to end, and `rehearsed` when a rehearsal is.
    func watch(
        on loop: EventLoop, stop: @escaping () -> Void, rehearsed: @escaping () -> Void
    ) throws(SystemError) {
        try loop.watch(descriptor.number, for: .read) { [unowned self] _ in
            try? read()
            while let line = takeLine() {
                let message = try? JSON.parse(line.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
                if message?["stop"]?.bool == true { stop() }
                if message?["rehearse"]?.bool == false { rehearsed() }
                // They have been renewed on the host; the next connect reads them.
                try? Self.write(message?["files"])
                // Small differences are left alone: nobody is to see time stand still for nothing.
                if let time = message?["time"]?.number, abs(time - WallClock.now) > 0.1 {
                    try? GuestSetup.setClock(time)
                }
            }
        }
    }

    private func read() throws(SystemError) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor.number, &bytes, bytes.count)
        guard count >= 0 || errno == EINTR else { throw SystemError("read the serial line") }
        received += bytes.prefix(max(0, count))
        if received.count > Limits.payload { received = [] }
    }

    private func takeLine() -> [UInt8]? {
        guard let end = received.firstIndex(of: newline) else { return nil }
        defer { received.removeSubrange(...end) }
        return Array(received[..<end])
    }

    private let newline = UInt8(ascii: "\n")
}
