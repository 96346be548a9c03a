import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `pmctl logs --follow`: shows the lines of a process's log, each line once, until Ctrl-C. It continues after a
/// restart of the worker, the agent or the broker.
///
/// All lines come from `get_log`: each request starts at the position where the last answer ended. `follow_log` is
/// sent first, and its messages only tell that there are lines to read. So a message that is lost, or that arrives
/// before or after an answer, costs no line. `follow_log` is renewed halfway through the time that the agent grants,
/// and after every reconnect of the bus or the agent.
final class LogTrail {
    private let host: HostName
    private let id: Name
    private let stream: LogStream?
    private let bus: Bus
    private let show: (Answer) throws(CommandError) -> Void

    /// Arguments of the first `get_log`, besides those of every `get_log`.
    private let history: [JSON.Member]
    /// The position in the log at which the last answer ended; nil before the first answer.
    private var position: JSON?
    private var following: Request?
    private var reading: Request?
    private var isOnline = true
    private var wasGranted = false
    /// When to send `follow_log` again.
    private var renewal: Instant?
    /// Whether there may be more lines, and the earliest time to request them.
    private var mayHaveMore = false
    private var earliest = Instant.now
    private var connection: Int

    private struct Request {
        let id: String
        let deadline: Instant
    }

    /// Seconds between two `get_log` requests: a process that writes all the time must not overload broker and agent.
    private static let pause = 0.1
    /// Seconds before a request that was refused with `no_capacity` is repeated.
    private static let retryPause = 1.0

    /// - Parameters:
    ///   - history: arguments of `get_log` that select the lines written before: `lines`, `since`.
    ///   - show: called with each answer to `get_log`.
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

    /// Returns when it is interrupted. Throws when the agent refuses.
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
        if let error = answer.error {
            guard answer.code == .noCapacity else { throw error }
            return renewal = .now + .seconds(Self.retryPause)
        }
        wasGranted = true
        let seconds = answer.result["seconds"]?.number ?? Limits.followTime
        renewal = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
        // There may be lines from before the agent began to send messages.
        mayHaveMore = true
        read()
    }

    private func take(_ answer: Answer) throws(CommandError) {
        reading = nil
        if let error = answer.error {
            guard answer.code == .noCapacity else { throw error }
            (mayHaveMore, earliest) = (true, .now + .seconds(Self.retryPause))
            return
        }
        guard let position = answer.result["position"] else {
            throw .failed("the agent of host \(host) is too old for --follow: its answers have no position")
        }
        try show(answer)
        self.position = position
        if answer.result["more"]?.bool == true { mayHaveMore = true }
        read()
    }

    // MARK: Interruptions

    private func noteStatus(isOnline: Bool) {
        if self.isOnline, !isOnline { Output.complain("pmctl: host \(host) went offline; waiting for it") }
        self.isOnline = isOnline
        // An agent that was restarted has forgotten its followers.
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
            // The broker sends the retained status again. Messages may be lost, and the agent may follow no longer.
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
