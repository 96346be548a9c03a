import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// What a process has written and goes on writing, each line once: over deaths of its agent's worker, of the agent and of
/// the broker.
///
/// What is shown is read out of the log (`get_log`), each time from the place where the last answer ended. `follow_log` comes
/// first, and only tells that there is something to read: a message that is lost, or that comes before or after an answer,
/// costs no line.
final class LogTrail {
    private let host: HostName
    private let id: Name
    private let stream: LogStream?
    private let bus: Bus
    private let show: (Answer) throws(CommandError) -> Void

    /// Arguments of the first `get_log`, beside those of all.
    private let history: [JSON.Member]
    /// Where the last answer ended.
    private var position: JSON?
    private var following: Request?
    private var reading: Request?
    private var isOnline = true
    private var wasGranted = false
    /// When to ask again to follow.
    private var renewal: Instant?
    /// Whether there may be more to read, and when it may be asked for.
    private var mayHaveMore = false
    private var earliest = Instant.now
    private var connection: Int

    private struct Request {
        let id: String
        let deadline: Instant
    }

    /// Seconds between two readings: a process that writes without end shall not occupy broker and agent.
    private static let pause = 0.1
    /// Seconds before something refused for want of room is asked for again.
    private static let retryPause = 1.0

    /// - Parameters:
    ///   - history: what is wanted of what was written before: `lines`, `since`.
    ///   - show: gets each answer to `get_log`.
    init(
        of id: Name, on host: HostName, _ stream: LogStream?, history: [JSON.Member], bus: Bus,
        show: @escaping (Answer) throws(CommandError) -> Void
    ) {
        self.id = id
        self.host = host
        self.stream = stream
        self.history = history
        self.bus = bus
        self.show = show
        connection = bus.connections
    }

    /// Until it is interrupted, or the agent says no.
    func follow() throws(CommandError) {
        bus.livesOn = true
        for stream in stream.map({ [$0] }) ?? LogStream.allCases { bus.subscribe("\(Topic.log(host, id, stream))") }
        askToFollow()
        do throws(CommandError) {
            while true {
                if let message = try bus.next(before: deadline) { try take(message) } else { try lookAtClock() }
            }
        } catch .interrupted {
            _ = bus.send(.unfollowLog, to: host, .object(arguments))
        }
    }

    private var arguments: [JSON.Member] {
        [.init("process_id", .string(id.description)), .init("stream", .string(stream?.rawValue ?? "both"))]
    }

    private func askToFollow() {
        following = Request(id: bus.send(.followLog, to: host, .object(arguments)), deadline: bus.answerDeadline)
    }

    private func read() {
        guard mayHaveMore, reading == nil, wasGranted, isOnline, earliest <= .now else { return }
        mayHaveMore = false
        earliest = .now + .seconds(Self.pause)
        let place = position.map { [.init("after", $0)] } ?? history + [.init("position", true)]
        let arguments = arguments + [.init("merge", true), .init("timestamps", true)] + place
        reading = Request(id: bus.send(.getLog, to: host, .object(arguments)), deadline: bus.answerDeadline)
    }

    private func take(_ message: Message) throws(CommandError) {
        if let following, let answer = Answer(message, inbox: bus.inbox, id: following.id) {
            return try begin(answer)
        }
        if let reading, let answer = Answer(message, inbox: bus.inbox, id: reading.id) { return try take(answer) }
        switch Topic(message.topic) {
        case .log(host, id, _):
            mayHaveMore = true
            read()
        case .status(host): noteStatus(isOnline: message.text == "online")
        default: break
        }
    }

    private func begin(_ answer: Answer) throws(CommandError) {
        following = nil
        if let refusal = answer.refusal {
            guard answer.code == .noCapacity else { throw .failed(refusal) }
            return renewal = .now + .seconds(Self.retryPause)
        }
        wasGranted = true
        let seconds = answer.result["seconds"]?.number ?? Limits.followTime
        renewal = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
        // Whatever was written before it began to follow.
        mayHaveMore = true
        read()
    }

    private func take(_ answer: Answer) throws(CommandError) {
        reading = nil
        if let refusal = answer.refusal {
            guard answer.code == .noCapacity else { throw .failed(refusal) }
            (mayHaveMore, earliest) = (true, .now + .seconds(Self.retryPause))
            return
        }
        guard let position = answer.result["position"] else {
            throw .failed("the agent of host \(host) is too old to be followed: it tells no position")
        }
        try show(answer)
        self.position = position
        if answer.result["more"]?.bool == true { mayHaveMore = true }
        read()
    }

    // MARK: What comes between

    private func noteStatus(isOnline: Bool) {
        if self.isOnline, !isOnline { Output.complain("pmctl: host \(host) went offline; waiting for it") }
        self.isOnline = isOnline
        // An agent that is started anew knows of nobody who follows.
        (following, reading, renewal) = (nil, nil, nil)
        if isOnline { askToFollow() }
    }

    private var deadline: Instant? {
        guard isOnline else { return nil }
        let next = mayHaveMore && reading == nil && wasGranted ? earliest : nil
        return [following?.deadline, reading?.deadline, following == nil ? renewal : nil, next].compactMap(\.self).min()
    }

    private func lookAtClock() throws(CommandError) {
        if bus.connections != connection {
            connection = bus.connections
            // What is retained of its status comes anew. It may be right that the host is online, but not that it follows.
            (following, reading, renewal) = (nil, nil, nil)
            return askToFollow()
        }
        if let overdue = following, overdue.deadline <= .now {
            guard wasGranted else { throw bus.silence(of: "host \(host)") }
            askToFollow()
        }
        if let overdue = reading, overdue.deadline <= .now { (reading, mayHaveMore) = (nil, true) }
        if following == nil, let renewal, renewal <= .now { askToFollow() }
        read()
    }
}
