import DequeModule
import Glibc
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The bus for a program that does one thing after the other: each call runs the loop until it has what it waits for.
///
/// Nothing is retried: the first failure ends the command, unless it ``livesOn``.
final class Bus {
    private let loop: EventLoop
    private let session: Session
    private let address: BrokerAddress
    private let timeout: Duration
    private var signals: SignalSource?
    private var failure: CommandError?
    private var arrived: Deque<Message> = []
    private var filters: [String] = []
    /// Whether it connects anew when the broker is lost. What was under way then has to be asked for again.
    var livesOn = false
    /// How often it has connected.
    private(set) var connections = 0
    private var triedOldProtocol = false
    private var hasToldLoss = false

    /// Where answers come to: nobody else knows this topic.
    let inbox: String
    /// The filter for this one and others like it.
    let inboxes: String

    /// Connects.
    ///
    /// - Parameter timeout: seconds to wait for each answer of the broker or an agent.
    init(_ address: BrokerAddress, timeout: Double) throws(CommandError) {
        do { loop = try EventLoop() } catch { throw .failed("\(error)") }
        guard let session = Session(address, clientID: "pmctl-\(RandomText.make())", will: nil, on: loop) else {
            throw .failed("out of memory")
        }
        self.session = session
        self.address = address
        self.timeout = .seconds(timeout)
        let user = address.user.flatMap { Name($0) }
        // Who may read it must not learn the client id from it, by which a connection can be ended.
        let name = Name(sanitizing: "pmctl-\(RandomText.make())", fallback: "pmctl")
        inbox = Topic.reply(name, of: user)
        inboxes = Topic.everyReply(to: user)
        // Before the thread that connects begins: it inherits the blocked signal.
        do {
            signals = try SignalSource([SIGINT], on: loop) { [weak self] _ in self?.fail(.interrupted) }
        } catch {
            throw .failed("\(error)")
        }
        try connect()
        subscribe(inbox)
    }

    /// At QoS 0: TCP brings everything in order, and no broker's limit on unacknowledged messages cuts a large fleet
    /// short.
    func subscribe(_ filter: String) {
        filters.append(filter)
        session.subscribe(filter, qos: 0)
    }

    func publish(_ message: Message) { session.publish(message, whenOffline: .drop) }

    /// Says goodbye; what has not left within a second never will.
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

    /// When an answer asked for now is late.
    var answerDeadline: Instant { .now + timeout }

    /// The next message, or nil when `deadline` passes before one comes, or when it has connected anew.
    func next(before deadline: Instant?) throws(CommandError) -> Message? {
        let connection = connections
        while true {
            if failure == .interrupted { throw .interrupted }
            if let message = arrived.popFirst() { return message }
            if let failure { throw failure }
            if connection != connections { return nil }
            if let deadline, deadline <= .now { return nil }
            try turn(until: deadline)
        }
    }

    /// "no answer from … in 10 s"
    func silence(of whom: String, hint: String = "") -> CommandError {
        .failed("no answer from \(whom) in \(Quantity.seconds(timeout.inSeconds))\(hint)")
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
                refused: { [weak self] in self?.fail(.failed("the broker refuses what goes to \($0.topic): \($1)")) }))
        let deadline = answerDeadline
        while connections == 0 {
            if let failure { throw failure }
            if deadline <= .now { throw silence(of: "the broker at \(address)") }
            try turn(until: deadline)
        }
    }

    private func connected() {
        connections += 1
        if connections > 1 {
            Output.complain("pmctl: connected to the broker again")
            for filter in filters { session.subscribe(filter, qos: 0) }
        }
        hasToldLoss = false
        loop.stop()
    }

    private func disconnected(_ reason: String) {
        if connections > 0, livesOn {
            if !hasToldLoss { Output.complain("pmctl: lost the broker at \(address): \(reason); connecting again") }
            return hasToldLoss = true
        }
        if connections > 0 { return fail(.failed("lost the broker at \(address): \(reason)")) }
        // The session has just learnt that this broker speaks MQTT 3.1.1 only, and tries that next.
        if !session.isMQTT5, !triedOldProtocol { return triedOldProtocol = true }
        fail(.failed("can't reach the broker at \(address): \(reason) (--broker or PM_BROKER says where it is)"))
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
