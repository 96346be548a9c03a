import var Glibc.O_NOCTTY
import var Glibc.O_RDWR
import JSONCodec
import LinuxSystem
import Model

/// The serial line between a guest and its runner: one JSON object per line, in both directions.
final class SerialLine {
    private let descriptor: Descriptor
    private var received: [UInt8] = []

    init(_ path: String) throws(SystemError) {
        descriptor = try Descriptor.open(path, O_RDWR | O_NOCTTY)
        try descriptor.makeRaw()
    }

    /// The states that a guest reports.
    enum News: String {
        case waits
        case isUp = "is up"
        case ends
    }

    func say(_ news: News) {
        let message: JSON = ["guest": .string(news.rawValue)]
        try? descriptor.write(message.printed() + [newline])
    }

    /// Blocks until a line has arrived; for the time before the loop runs.
    func receive() throws(SystemError) -> [UInt8] {
        while true {
            if let line = takeLine() { return line }
            try read()
        }
    }

    /// Writes files that came over the line, such as the broker's password, to a tmpfs, readable by their owner only.
    static func write(_ files: JSON?) throws(SystemError) {
        for file in files?.members ?? [] {
            try FileSystem.replace(file.key, with: Array((file.value.string ?? "").utf8), isDurable: false)
        }
    }

    /// Calls `stop` when the runner asks the guest to end, and `warmedUp` when it ends the warm-up.
    func watch(
        on loop: EventLoop, stop: @escaping () -> Void, warmedUp: @escaping () -> Void
    ) throws(SystemError) {
        try loop.watch(descriptor.number, for: .read) { [unowned self] _ in
            try? read()
            while let line = takeLine() {
                let message = try? JSON.parse(line.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting)
                if message?["stop"]?.bool == true { stop() }
                if message?["rehearse"]?.bool == false { warmedUp() }
                // Files that were renewed on the host; the agent reads them at its next connect.
                try? Self.write(message?["files"])
                // Differences up to 0.1 s are ignored: a clock that steps back disturbs programs.
                if let time = message?["time"]?.number, abs(time - WallClock.now) > 0.1 {
                    try? GuestSetup.setClock(time)
                }
            }
        }
    }

    private func read() throws(SystemError) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try descriptor.take(into: &bytes, from: "the serial line") ?? 0
        received += bytes.prefix(count)
        if received.count > Limits.payload { received = [] }
    }

    private func takeLine() -> [UInt8]? {
        guard let end = received.firstIndex(of: newline) else { return nil }
        defer { received.removeSubrange(...end) }
        return Array(received[..<end])
    }

    private let newline = UInt8(ascii: "\n")
}
