import DequeModule
import var Glibc.SIGINT
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// A synchronous client of the broker for pmctl's commands: each waiting call runs the event loop until its message
/// has arrived, its deadline has passed or the connection has failed.
///
/// A command creates one `Bus`, sends its requests (`Bus+Request`, `Bus+Cluster`) or reads retained messages
/// (`Bus+Retained`), and closes it. The first failure is kept and ends the command. With ``livesOn`` the bus
/// reconnects and subscribes again instead, and the command repeats its open requests. Ctrl-C makes waiting calls
/// throw `.interrupted`, unless the command handles signals itself.
final class Bus {
    private let loop: EventLoop
    private let session: Session
    private let address: BrokerAddress
    private let timeout: Duration
    private var signals: [SignalSource] = []
    private var signalHandler: ((Int32) -> Void)?
    private var failure: CommandError?
    private var arrived: Deque<Message> = []
    private var filters: [String] = []
    /// Whether the bus reconnects when it loses the broker. The caller then has to repeat its open requests.
    var livesOn = false
    /// Called with the news that the connection is lost or there again.
    var tell: (String) -> Void = { Output.complain("pmctl: \($0)") }
    /// How many times it has connected.
    private(set) var connections = 0
    /// How many events other than messages have ended a wait.
    private var wakeUps = 0
    private var attempts = 0
    private var hasToldLoss = false
    /// Messages that the broker refused, with its reason; kept while ``keepsRefusals`` is set. Otherwise the first one
    /// fails the bus.
    private var refusals: Deque<(Message, String)> = []
    var keepsRefusals = false {
        didSet { session.tellsEveryRefusal = keepsRefusals }
    }

    /// The topic for answers. Its name is random, so that other clients do not know it.
    let inbox: String
    /// The filter for all inboxes of this user.
    let inboxes: String

    /// Connects to the broker.
    ///
    /// - Parameter timeout: seconds to wait for each answer of the broker, an agent or pm-cluster.
    init(_ address: BrokerAddress, timeout: Double) throws(CommandError) {
        do { loop = try EventLoop() } catch { throw .failed("\(error)") }
        guard let session = Session(address, clientID: "pmctl-\(RandomText.make())", will: nil, on: loop) else {
            throw .failed("out of memory")
        }
        self.session = session
        self.address = address
        self.timeout = .seconds(timeout)
        let user = address.user.flatMap { Name($0) }
        // Not the client id: a client that reads the inbox's name could end this connection by using the id itself.
        let name = Name(sanitizing: "pmctl-\(RandomText.make())", fallback: "pmctl")
        inbox = Topic.reply(name, of: user)
        inboxes = Topic.everyReply(to: user)
        // Before the session starts the thread that connects: that thread inherits the blocked signal.
        do {
            signals = [try SignalSource([SIGINT], on: loop) { [weak self] in self?.received(signal: $0) }]
        } catch {
            throw .failed("\(error)")
        }
        try connect()
        subscribe(inbox)
    }

    /// Subscribes at QoS 0: TCP keeps the order, and a broker's limit on unacknowledged messages would cut off the
    /// retained messages of a large fleet.
    func subscribe(_ filter: String) {
        filters.append(filter)
        session.subscribe(filter, qos: 0)
    }

    /// Has `handle` called for SIGINT and for `others` while a call waits. They no longer end the command.
    func handleSignals(_ others: [Int32] = [], _ handle: @escaping (Int32) -> Void) throws(CommandError) {
        signalHandler = handle
        guard !others.isEmpty else { return }
        do {
            signals.append(try SignalSource(others, on: loop) { [weak self] in self?.received(signal: $0) })
        } catch {
            throw .failed("\(error)")
        }
    }

    private func received(signal: Int32) {
        guard let signalHandler else { return fail(.interrupted) }
        signalHandler(signal)
        wake()
    }

    /// Has `handle` called whenever a descriptor can be read while a call waits.
    ///
    /// - Returns: whether it can be watched; a file can't.
    @discardableResult
    func watch(_ descriptor: Int32, _ handle: @escaping () -> Void) -> Bool {
        let watching: Void? = try? loop.watch(descriptor, for: .read) { [weak self] _ in
            handle()
            self?.wake()
        }
        return watching != nil
    }

    func unwatch(_ descriptor: Int32) { loop.unwatch(descriptor) }

    private func wake() {
        wakeUps += 1
        loop.stop()
    }

    func publish(_ message: Message) { session.publish(message, whenOffline: .drop) }

    /// Disconnects cleanly. Messages that are not sent within a second are lost.
    func close() {
        if case .failed = failure { return }
        var isClosed = false
        session.close { [loop] in
            isClosed = true
            loop.stop()
        }
        if !isClosed { try? turn(until: .now + .seconds(1)) }
    }

    // MARK: Waiting

    /// The deadline for the answer to a request that is sent now.
    var answerDeadline: Instant { .now + timeout }

    /// The next message that the broker refused, with its reason, if there is one already.
    func nextRefusal() -> (message: Message, reason: String)? { refusals.popFirst() }

    /// The next message; nil if `deadline` passes first, if the bus has reconnected or handled a signal or a watched
    /// descriptor, or if the broker refuses a message while ``keepsRefusals`` is set.
    func next(before deadline: Instant?) throws(CommandError) -> Message? {
        let wakeUps = wakeUps
        while true {
            if failure == .interrupted { throw .interrupted }
            if let message = arrived.popFirst() { return message }
            if let failure { throw failure }
            if wakeUps != self.wakeUps || !refusals.isEmpty { return nil }
            if let deadline, deadline <= .now { return nil }
            try turn(until: deadline)
        }
    }

    /// The error "no answer from … in 10 s".
    func silence(of whom: String, hint: String = "", reason: ExitReason = .timeout) -> CommandError {
        .failed("no answer from \(whom) in \(Quantity.seconds(timeout.inSeconds))\(hint)", reason)
    }

    /// A line that a person types on the terminal, without its line feed; empty at the end of the input.
    func readLine() throws(CommandError) -> String {
        var isReady = false
        do {
            try loop.watch(0, for: .read) { [loop] _ in
                isReady = true
                loop.stop()
            }
        } catch { throw .failed("\(error)") }
        defer { loop.unwatch(0) }
        while !isReady {
            if let failure { throw failure }
            try turn(until: nil)
        }
        return Swift.readLine() ?? ""
    }

    private func connect() throws(CommandError) {
        session.start(
            Session.Handlers(
                connected: { [weak self] in
                    self?.connected()
                },
                message: { [weak self] message in
                    self?.arrived.append(message)
                    self?.loop.stop()
                },
                disconnected: { [weak self] in self?.disconnected($0) },
                refused: { [weak self] in self?.refused($0, $1) },
                tooLarge: { [weak self] in
                    self?.fail(.failed("the request has \($0.payload.count) bytes: the broker takes packets of \($1)"))
                }))
        let deadline = answerDeadline
        while connections == 0 {
            if let failure { throw failure }
            if deadline <= .now { throw silence(of: "the broker at \(address)", reason: .failure) }
            try turn(until: deadline)
        }
    }

    private func connected() {
        connections += 1
        if connections > 1 {
            tell("connected to the broker again")
            for filter in filters { session.subscribe(filter, qos: 0) }
        }
        hasToldLoss = false
        wake()
    }

    private func disconnected(_ failure: ConnectionFailure) {
        if connections > 0, livesOn {
            if !hasToldLoss { tell("lost the broker at \(address): \(failure); connecting again") }
            return hasToldLoss = true
        }
        if connections > 0 { return fail(.failed("lost the broker at \(address): \(failure)")) }
        attempts += 1
        if session.triesOtherVersion, attempts < Self.mostAttempts { return }
        switch failure {
        case .refused: fail(.failed("\(failure) (broker \(address))"))
        case .unreachable, .lost:
            fail(.failed("can't reach the broker at \(address): \(failure) (set its URL with --broker or PM_BROKER)"))
        }
    }

    /// Attempts with different MQTT versions: a broker that supports only 3.1.1 may close the connection twice.
    private static let mostAttempts = 4

    private func refused(_ message: Message, _ reason: String) {
        guard keepsRefusals else { return fail(Self.refusal(of: message.topic, reason)) }
        refusals.append((message, reason))
        loop.stop()
    }

    static func refusal(of topic: String, _ reason: String) -> CommandError {
        .failed("the broker refuses messages to \(topic): \(reason)", .denied)
    }

    private func fail(_ error: CommandError) {
        if failure != .interrupted { failure = error }
        loop.stop()
    }

    /// Runs the loop until something happens or `deadline` passes.
    private func turn(until deadline: Instant?) throws(CommandError) {
        let timer = deadline.map { deadline in loop.after(deadline - .now) { [loop] in loop.stop() } }
        defer { loop.cancel(timer) }
        do { try loop.run() } catch { throw .failed("\(error)") }
    }
}
