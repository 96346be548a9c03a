import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `pmctl run`: a process on a host, from its start to its exit code, with its output.
///
/// The output is read as ``LogTrail`` reads it: each `get_log` begins where the last answer ended, and the messages of
/// `follow_log` only tell that there is more. So no line is lost or doubled, also when the broker restarts. The end of
/// the process comes from its entry (`get_process`, or its retained topic). The output is complete when a `get_log`
/// that was sent after the end has no more lines.
///
/// States: `starting`, until the agent answers; `running`; `ended`, which reads the rest of the output; then the process
/// is removed. Signals are handled in all of them.
final class RemoteRun {
    enum Phase {
        case starting, running
        case ended(ProcessReport)
    }

    private let host: HostName
    private let id: Name
    private let config: JSON
    private let bus: Bus
    private let write: ([LogLine]) throws(CommandError) -> Void

    private(set) var phase = Phase.starting
    /// The start request, which is sent again over a new connection: the agent carries it out once.
    private var start: Message?
    private var startID = ""
    private var startDeadline = Instant.now
    private var wasStartRepeated = false
    private var hasAdjustedClock = false
    private var position: JSON
    private var following: Request?
    private var reading: Request?
    /// `get_process`.
    private var looking: Request?
    private var renewal: Instant?
    private var mayHaveMore = true
    private var earliest = Instant.now
    private var connection: Int
    private var isOnline = true
    /// Whether lines were lost.
    private(set) var hasGap = false
    private var interruptions = Interruptions()
    /// Set when the reader of pmctl's output has gone.
    private(set) var isMute = false
    /// Set when a signal ends the reading of a long output whose process has ended.
    private var isCut = false

    private struct Request {
        let id: String
        let deadline: Instant
    }

    /// Seconds between two `get_log` requests of a process that writes all the time, unless more lines wait.
    private static let pause = 0.05
    private static let retryPause = 1.0

    /// - Parameters:
    ///   - position: where the log of the process ends before it starts; an earlier process may have had its name.
    ///   - show: called with the lines of the output.
    init(
        _ config: JSON, as id: Name, on host: HostName, position: JSON, bus: Bus,
        show: @escaping ([LogLine]) throws(CommandError) -> Void
    ) {
        self.config = config
        self.id = id
        self.host = host
        self.position = position
        self.bus = bus
        write = show
        connection = bus.connections
    }

    /// Runs the process to its end.
    ///
    /// - Returns: its last entry.
    func finish() throws(CommandError) -> ProcessReport {
        bus.livesOn = true
        bus.subscribe("\(Topic.process(host, id))")
        for stream in LogStream.allCases { bus.subscribe("\(Topic.log(host, id, stream))") }
        askToStart(WallClock.now)
        while true {
            if case .ended(let entry) = phase, isCut || !mayHaveMore && reading == nil { return entry }
            if let message = try bus.next(before: deadline) { try take(message) }
            try lookAtClock()
        }
    }

    /// Notes a signal to pmctl. It is handled after the present wait.
    func interrupt() { interruptions.note() }

    // MARK: Requests

    private func askToStart(_ timestamp: Double) {
        startID = RandomText.make()
        let message = bus.message(
            Method.startProcess.rawValue, to: .control(host), ["config": config], timestamp, id: startID)
        start = message
        startDeadline = bus.answerDeadline
        bus.publish(message)
    }

    private func repeatStart() {
        guard let start else { return }
        wasStartRepeated = true
        startDeadline = bus.answerDeadline
        bus.publish(start)
    }

    private func send(_ method: Method, _ arguments: [JSON.Member] = []) -> Request {
        let arguments = [.init("process_id", .string(id.description))] + arguments
        return Request(id: bus.send(method, to: host, .object(arguments)), deadline: bus.answerDeadline)
    }

    private func askToFollow() { following = send(.followLog) }

    private func look() { looking = send(.getProcess) }

    private func read() {
        guard mayHaveMore, reading == nil, isOnline, earliest <= .now else { return }
        if case .starting = phase { return }
        mayHaveMore = false
        earliest = .now + .seconds(Self.pause)
        reading = send(.getLog, [.init("merge", true), .init("after", position)])
    }

    // MARK: Messages

    private func take(_ message: Message) throws(CommandError) {
        if case .starting = phase {
            if let answer = Answer(message, inbox: bus.inbox, id: startID) { return try started(answer) }
            if case .status(host) = Topic(message.topic), message.text == "online", !message.isRetained {
                repeatStart()
            }
            return
        }
        if let following, let answer = Answer(message, inbox: bus.inbox, id: following.id) { return follow(answer) }
        if let reading, let answer = Answer(message, inbox: bus.inbox, id: reading.id) { return try take(answer) }
        if let looking, let answer = Answer(message, inbox: bus.inbox, id: looking.id) { return try see(answer) }
        switch Topic(message.topic) {
        case .log(host, id, _): mayHaveMore = true
        case .process(host, id):
            if message.payload.isEmpty { look() }
            if let entry = message.json.flatMap(ProcessReport.init) { note(entry) }
        case .status(host): noteStatus(isOnline: message.text == "online")
        default: break
        }
        read()
    }

    private func started(_ answer: Answer) throws(CommandError) {
        if answer.code == .expired, let clock = answer.clock, !hasAdjustedClock {
            hasAdjustedClock = true
            return askToStart(clock)
        }
        // A worker that has died since remembers the request, but not its answer.
        let wasCarriedOut = wasStartRepeated && answer.code == .internal
        if let refusal = answer.refusal, !wasCarriedOut { throw .failed(refusal) }
        phase = .running
        start = nil
        askToFollow()
        // An entry that came before may be that of an earlier process with this name.
        look()
        read()
    }

    private func follow(_ answer: Answer) {
        following = nil
        let seconds =
            answer.refusal == nil ? answer.result["seconds"]?.number ?? Limits.followTime : Self.retryPause * 2
        renewal = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
        mayHaveMore = true
        read()
    }

    private func take(_ answer: Answer) throws(CommandError) {
        reading = nil
        if let refusal = answer.refusal {
            guard answer.code == .noCapacity else { throw .failed(gone(answer) ?? refusal) }
            (mayHaveMore, earliest) = (true, .now + .seconds(Self.retryPause))
            return
        }
        if answer.result["gap"]?.bool == true {
            hasGap = true
            Output.complain("pmctl: output of \(id) was removed before it could be read")
        }
        guard let position = answer.result["position"] else {
            throw .failed("the agent of host \(host) is too old for pmctl run: its answers have no position")
        }
        self.position = position
        if answer.result["more"]?.bool == true { (mayHaveMore, earliest) = (true, .now) }
        try show((answer.result["lines"]?.array ?? []).compactMap { LogLine($0) })
        read()
    }

    private func show(_ lines: [LogLine]) throws(CommandError) {
        guard !isMute else { return }
        do throws(CommandError) { try write(lines) } catch {
            guard error == .outputClosed else { throw error }
            // As a program that writes to a closed pipe, the process is ended.
            isMute = true
            interruptions.noteFirst()
        }
    }

    private func see(_ answer: Answer) throws(CommandError) {
        looking = nil
        if let refusal = answer.refusal {
            guard answer.code == .noCapacity else { throw .failed(gone(answer) ?? refusal) }
            return
        }
        if let entry = answer.result["process"].flatMap(ProcessReport.init) { note(entry) }
    }

    private func gone(_ answer: Answer) -> String? {
        answer.code == .noSuchProcess ? "host \(host) no longer knows \(id): its exit code is unknown" : nil
    }

    private func note(_ entry: ProcessReport) {
        guard case .running = phase, entry.isEnded else { return }
        phase = .ended(entry)
        mayHaveMore = true
        // What was sent before the end may not have seen the last lines.
        reading = nil
        earliest = .now
        read()
    }

    // MARK: Interruptions

    private func noteStatus(isOnline: Bool) {
        if self.isOnline, !isOnline { Output.complain("pmctl: host \(host) went offline; waiting for it") }
        self.isOnline = isOnline
        if isOnline { begin() }
    }

    /// Repeats the requests after a break of the connection, or after a restart of the agent.
    private func begin() {
        (following, reading, renewal, mayHaveMore) = (nil, nil, nil, true)
        if case .ended = phase { return read() }
        askToFollow()
        look()
        if interruptions.hasStopped { _ = send(.killProcess) }
    }

    private var deadline: Instant? {
        if case .starting = phase { return startDeadline }
        guard isOnline else { return nil }
        let next = mayHaveMore && reading == nil ? earliest : nil
        if case .ended = phase { return [reading?.deadline, next].compactMap(\.self).min() }
        return [following?.deadline, reading?.deadline, looking?.deadline, following == nil ? renewal : nil, next]
            .compactMap(\.self).min()
    }

    private func lookAtClock() throws(CommandError) {
        if bus.connections != connection {
            connection = bus.connections
            if start == nil { begin() } else { repeatStart() }
        }
        try handleInterruptions()
        if case .starting = phase {
            if startDeadline <= .now { throw bus.silence(of: "host \(host)", hint: "; it may still do what was asked") }
            return
        }
        if case .running = phase {
            if let overdue = following, overdue.deadline <= .now { askToFollow() }
            if let overdue = looking, overdue.deadline <= .now { look() }
            if following == nil, let renewal, renewal <= .now { askToFollow() }
        }
        if let overdue = reading, overdue.deadline <= .now { (reading, mayHaveMore) = (nil, true) }
        read()
    }

    private func handleInterruptions() throws(CommandError) {
        if case .ended = phase { return isCut = interruptions.areWaiting }
        let isStarting = if case .starting = phase { true } else { false }
        while let step = interruptions.next(isStarting: isStarting) {
            switch step {
            case .stop:
                _ = send(.killProcess)
                tell("stopping \(id) on \(host); Ctrl-C kills it")
            case .kill:
                _ = send(.signalProcess, [.init("signal", "KILL")])
                tell("killing \(id) on \(host); Ctrl-C leaves it alone")
            case .leave:
                Output.complain("pmctl: \(id) may still run on \(host)")
                throw .interrupted
            }
        }
    }

    private func tell(_ text: String) {
        if StandardStreams.isTerminal(2), !isMute { Output.complain("pmctl: \(text)") }
    }
}
