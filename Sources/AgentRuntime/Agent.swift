import Daemon
import Drivers
import Glibc
package import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The agent of one machine: supervision, the endpoint and the retained topics, on one loop. It is the keeper's worker.
package final class Agent {
    private let ground: Groundwork
    private var configuration: AgentConfiguration
    private let reload: () throws -> AgentConfiguration
    private let line: SerialLine?
    private var drivers: [any Driver]
    private let directory: SpecDirectoryReader
    private var session: Session
    private var health: HealthMonitor
    private var endpoint: ControlEndpoint<Command, Outcome>?
    private var requests: RetainedRequests
    private var retained: RetainedState?
    private var signals: SignalSource?
    private var isTerminating = false
    private var lastOutage: String?
    private var reportedDrops = 0
    private var hasToldRefusal = false

    /// - Parameters:
    ///   - ground: what was done before it was known who this is.
    ///   - line: to whoever runs the machine, when it is a virtual one.
    ///   - reload: reads the configuration anew, as at the start.
    init(
        _ configuration: AgentConfiguration, ground: Groundwork, line: SerialLine?,
        reload: @escaping () throws -> AgentConfiguration
    ) throws(SystemError) {
        self.configuration = configuration
        self.ground = ground
        self.line = line
        self.reload = reload
        let loop = ground.loop
        drivers = Self.drivers(configuration, isMachine: line != nil)
        directory = SpecDirectoryReader(SpecDirectory(path: configuration.processesDirectory), ground.supervisor)
        session = try Self.session(configuration, on: loop, isMachine: line != nil)
        requests = RetainedRequests(session)
        health = HealthMonitor(configuration, ground, directory)
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] in handle(signal: $0) }
        present()
        ground.recover()
        if ground.notebook.milestones.contains(.applied) { directory.look() } else { applyFiles() }
        try loop.watch(ground.link.number, for: .read) { [unowned self] _ in hearKeeper() }
        try line?.watch(on: loop) { [unowned self] in terminate() }
        ground.pool.changed = { [unowned self] in retained?.publishInfo() }
        for driver in drivers { driver.begin(on: loop) { [unowned self] in self.ground.pool.refill() } }
        ground.link.sayReady()
    }

    /// Becomes somebody else before it runs: an agent whose machine was told late who it is.
    func become(_ configuration: AgentConfiguration) throws(SystemError) {
        self.configuration = configuration
        drivers = Self.drivers(configuration, isMachine: line != nil)
        session = try Self.session(configuration, on: ground.loop, isMachine: line != nil)
        requests = RetainedRequests(session)
        health = HealthMonitor(configuration, ground, directory)
        present()
    }

    private static func drivers(_ configuration: AgentConfiguration, isMachine: Bool) -> [any Driver] {
        let broker = configuration.broker
        let node = NodeDriver(stateDirectory: configuration.stateDirectory, broker: broker.members)
        // Machines in machines nobody wants.
        if isMachine { return [ExecDriver(), node] }
        return [
            ExecDriver(), node,
            QemuDriver(broker: broker.target, credentials: broker.credentials, settings: configuration.machines),
        ]
    }

    /// - Parameter isMachine: then whoever runs it takes its connections, at once.
    private static func session(
        _ configuration: AgentConfiguration, on loop: EventLoop, isMachine: Bool
    ) throws(SystemError) -> Session {
        let host = configuration.host
        let will = RetainedState.status(of: host, isOnline: false)
        let id = ClientID.agent(of: host)
        guard let session = Session(configuration.broker, clientID: id, will: will, on: loop) else {
            throw SystemError("make an MQTT client", errno: ENOMEM)
        }
        session.connectsAtOnce = isMachine
        return session
    }

    /// Everything that speaks in its name.
    private func present() {
        let (host, supervisor) = (configuration.host, ground.supervisor)
        ground.launcher.use(drivers)
        supervisor.gracePeriod = configuration.stopGrace
        supervisor.processLimit = configuration.processLimit
        let runner = CommandRunner(
            host: host, supervisor: supervisor, health: health, session: session,
            shutDown: { [unowned self] in terminate() })
        endpoint = ControlEndpoint(
            requestTTL: configuration.requestTTL, read: Self.read, responder: Self.responder(host, session),
            refusal: { $0.refusal(by: host) },
            execute: { command, _, reply in runner.run(command, reply: reply) })
        retained = RetainedState(
            host: host, session: session, loop: ground.loop, supervisor: supervisor, health: health,
            // Whoever has waited for a machine to be online wants something of it first.
            firstHealth: line == nil ? .zero : .seconds(Limits.machineHealthDelay), info: { [unowned self] in info })
    }

    /// Runs until SIGTERM or SIGINT, and until every process has stopped.
    package func run() throws(SystemError) {
        line?.say(.isUp)
        session.start(
            Session.Handlers(
                connected: { [unowned self] in connected() }, message: { [unowned self] in received($0) },
                disconnected: { [unowned self] in disconnected($0) },
                refused: { [unowned self] in refused($0, $1) }))
        try ground.loop.run()
        // Nobody reads it before, and what nobody reads at all the optimizer lets go of at once.
        flock(ground.lock.number, LOCK_UN)
    }

    private func hearKeeper() {
        if let exits = ground.link.receiveExits() { return ground.supervisor.take(exits) }
        // Who has started the agent believes it dead. It ends in order, and its processes live on for the next one:
        // see docs/decisions/0008-keeper.md.
        ground.loop.unwatch(ground.link.number)
        guard !isTerminating else { return }
        Log.note("the keeper is gone: this agent ends, and its processes live on")
        isTerminating = true
        leave()
    }

    // MARK: Requests

    private func received(_ message: Message) {
        switch Topic(message.topic) {
        case .control:
            if requests.isRequest(message) { endpoint?.handle(message) }
        case .status:
            // A will that came late, of the session before this one; or somebody else's word.
            if !message.payload.elementsEqual("online".utf8), !isTerminating { retained?.publishStatus(isOnline: true) }
        case .process(_, let id):
            if message.isRetained, !message.payload.isEmpty { retained?.clearUnlessKnown(id) }
        default: break
        }
    }

    private static func responder(_ host: HostName, _ session: Session) -> Responder<Outcome> {
        Responder(topic: .response(host), session: session, encode: Response.encode) { header in
            // Only what goes through the hub names its host so; the hub marks what names a node.
            header.hostName == nil ? nil : Topic.hub(.response).description
        }
    }

    private static func read(_ message: Message) -> (RequestHeader, Result<Command, Failure>) {
        let request = Request(message.payload.span, properties: message.properties)
        return (request.header, request.command)
    }

    // MARK: The broker

    private func connected() {
        Log.note("connected to \(configuration.broker)")
        if session.droppedMessages > reportedDrops {
            Log.note("\(session.droppedMessages - reportedDrops) messages did not fit into the outbox and are lost")
            reportedDrops = session.droppedMessages
        }
        lastOutage = nil
        hasToldRefusal = false
        requests.connected()
        let host = configuration.host
        // Before `online` is out, so that nobody asks too early.
        session.subscribe(Topic.control(host).description, noLocal: true)
        // A late will is "local" as well: it comes from a session with this client id.
        session.subscribe(Topic.status(host).description)
        session.subscribe(Topic.everyProcess(of: host), noLocal: true)
        retained?.publishAll()
    }

    private func disconnected(_ reason: String) {
        // One line for an outage, not one for each attempt.
        if reason != lastOutage { Log.note("not connected to \(configuration.broker): \(reason)") }
        lastOutage = reason
    }

    /// One line a connection: whoever has forgotten a right has mostly forgotten several.
    private func refused(_ message: Message, _ reason: String) {
        guard !hasToldRefusal else { return }
        hasToldRefusal = true
        Log.note("the broker refuses what goes to \(message.topic): \(reason); see its ACL")
    }

    // MARK: Signals

    private func handle(signal: Int32) {
        switch signal {
        case SIGHUP: readConfiguration()
        default: terminate()
        }
    }

    private func terminate() {
        Log.note(isTerminating ? "stopping at once" : "stopping")
        if !isTerminating {
            line?.say(.ends)
            ground.link.sayEnding()
        }
        isTerminating = true
        ground.pool.close()
        ground.supervisor.stopAll { [unowned self] in
            ground.pool.awaitEmpty { [unowned self] in
                ground.forest.clear()
                ground.notebook.close { [unowned self] in leave() }
            }
        }
    }

    /// Says the last words, and ends.
    private func leave() {
        retained?.publishFarewell()
        session.close { [loop = ground.loop] in loop.stop() }
        ground.loop.after(.seconds(Limits.farewell)) { [loop = ground.loop] in loop.stop() }
    }

    private func readConfiguration() {
        do {
            let new = try reload()
            for name in configuration.fixedFields(differingFrom: new) {
                Log.note("\(name) has changed: this takes a restart")
            }
            configuration.adopt(new)
            ground.supervisor.gracePeriod = new.stopGrace
            ground.supervisor.processLimit = new.processLimit
            endpoint?.requestTTL = new.requestTTL
            health.interval = new.healthInterval
            applyFiles()
            ground.notebook.lookForDamage()
            retained?.publishInfo()
            retained?.publishHealth()
            Log.note("read the configuration again")
            session.renew()
        } catch {
            Log.note("kept the configuration as it was: \(error)")
        }
    }

    /// A worker that dies meanwhile leaves the rest of it to the next one.
    private func applyFiles() {
        ground.notebook.withdraw(.applied)
        directory.apply { [notebook = ground.notebook] in notebook.note(.applied) }
    }

    private func report(_ driver: any Driver) -> DriverReport {
        var report = driver.fingerprint()
        report.parked = ground.pool.count(of: driver)
        return report
    }

    private var info: HostInfo {
        HostInfo(
            host: configuration.host, version: Version.current, protocolVersion: Version.wireProtocol,
            drivers: drivers.map(report), labels: configuration.labels, limits: ground.forest.reports,
            generation: configuration.generation)
    }
}
