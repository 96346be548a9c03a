import DequeModule
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model

/// The requests that this agent or its earlier workers have begun to carry out in the last ten minutes, and that must
/// not be carried out twice. The journal has a line for each.
struct BegunRequests: Equatable {
    private struct Request: Equatable {
        let digest: PayloadDigest
        /// Seconds since the boot.
        let begunAt: Double
    }

    /// The oldest first.
    private var requests: Deque<Request> = []

    /// Adds the request of a journal line, if it is about one.
    mutating func read(_ line: JSON) {
        guard let digest = line["request"]?.string.flatMap(PayloadDigest.init),
            let time = line["begun_after_boot"]?.number
        else { return }
        add(Request(digest: digest, begunAt: time))
    }

    /// - Returns: the line for the journal.
    mutating func note(_ digest: PayloadDigest) -> [JSON.Member] {
        let request = Request(digest: digest, begunAt: BootClock.now)
        add(request)
        return Self.members(of: request)
    }

    private mutating func add(_ request: Request) {
        requests.append(request)
        let since = BootClock.now - Limits.duplicateWindow
        while let oldest = requests.first, oldest.begunAt < since || requests.count > Limits.begunRequests {
            requests.removeFirst()
        }
    }

    /// The lines of a rewritten journal.
    var members: [[JSON.Member]] { requests.map(Self.members) }

    /// With their ages in seconds.
    var all: [(digest: PayloadDigest, age: Double)] {
        requests.map { ($0.digest, max(0, BootClock.now - $0.begunAt)) }
    }

    private static func members(of request: Request) -> [JSON.Member] {
        [
            .init("request", .string(request.digest.description)),
            .init("begun_after_boot", .number(request.begunAt)),
        ]
    }
}
