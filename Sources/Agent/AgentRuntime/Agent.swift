import ServiceSupport
import Drivers
import Glibc
package import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The agent of one machine: supervision, the endpoint and the retained topics, on one loop. It is the keeper's worker.
package final class Agent {
    private let ground: AgentFoundation
    private var configuration: AgentConfiguration
    private let reload: () throws -> AgentConfiguration
    private let line: SerialLine?
    private var drivers: [any Driver]
    private let directory: SpecDirectoryReader
    private var session: Session
    /// Of whom this has been before: to end it would hold up whom it has become.
    private var formerSession: Session?
    private let audit: AuditLog
    private var health: HealthMonitor
    private var endpoint: ControlEndpoint<Command, Outcome>?
    private var requests: RetainedRequests
    private var retained: RetainedState?
    private var signals: SignalSource?
    private var isTerminating = false
    private var hasLostKeeper = false
    private var lastOutage: String?

    /// - Parameters:
    ///   - ground: what was done before it was known who this is.
    ///   - line: to whoever runs the machine, when it is a virtual one.
    ///   - reload: reads the configuration anew, as at the start.
    init(
        _ configuration: AgentConfiguration, ground: AgentFoundation, line: SerialLine?,
        reload: @escaping () throws -> AgentConfiguration
    ) throws(SystemError) {
        self.configuration = configuration
        self.ground = ground
        self.line = line
        self.reload = reload
        let loop = ground.loop
        drivers = configuration.makeDrivers(isVM: line != nil)
        directory = SpecDirectoryReader(SpecDirectory(path: configuration.processesDirectory), ground.supervisor)
        session = try Self.session(configuration, on: loop, isVM: line != nil)
        requests = RetainedRequests(session)
        audit = AuditLog(stateDirectory: configuration.stateDirectory, on: loop)
        health = HealthMonitor(configuration, ground, [directory, audit])
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] in handle(signal: $0) }
        buildServices()
        ground.recover()
        if ground.stateStore.milestones.contains(.applied) { directory.look() } else { applyFiles() }
        try loop.watch(ground.link.number, for: .read) { [unowned self] _ in hearKeeper() }
        try line?.watch(on: loop) { [unowned self] in
            terminate()
        } rehearsed: { [unowned self] in
            session.close { loop.stop() }
        }
        ground.pool.changed = { [unowned self] in retained?.publishInfo() }
        ground.supervisor.strays.changed = { [unowned self] in
            // It may look while health is being measured.
            ground.loop.after(.zero) { [unowned self] in retained?.refreshHealth() }
        }
        for driver in drivers { driver.begin(on: loop) { [unowned self] in self.ground.pool.refill() } }
        ground.link.sayReady()
    }

    /// Becomes somebody else before it runs: an agent whose machine was told late who it is.
    func become(_ configuration: AgentConfiguration) throws(SystemError) {
        self.configuration = configuration
        drivers = configuration.makeDrivers(isVM: line != nil)
        formerSession = session
        session = try Self.session(configuration, on: ground.loop, isVM: line != nil)
        requests = RetainedRequests(session)
        health = HealthMonitor(configuration, ground, [directory, audit])
        buildServices()
    }

    /// Lives for a while as who it is now, with a broker that is none (`VMRuntime/WarmUp`), so that whoever it becomes
    /// does nothing for the first time. Of what it did then, nothing stays.
    func rehearse() throws(SystemError) {
        try become(configuration)
        session.start(
            Session.Handlers(
                connected: { [unowned self] in introduce() }, message: { [unowned self] in received($0) },
                disconnected: { _ in }))
        try ground.loop.run()
        formerSession = nil
        ground.supervisor.forgetAll()
        audit.remove()
        ground.launcher.plantAhead()
    }

    /// - Parameter isMachine: then whoever runs it takes its connections, at once.
    private static func session(
        _ configuration: AgentConfiguration, on loop: EventLoop, isVM: Bool
    ) throws(SystemError) -> Session {
        let host = configuration.host
        let will = RetainedState.status(of: host, isOnline: false)
        let id = ClientID.agent(of: host)
        guard
            let session = Session(
                configuration.broker, clientID: id, will: will, packetLimit: Limits.requestPacket, on: loop)
        else {
            throw SystemError("make an MQTT client", errno: ENOMEM)
        }
        session.connectsAtOnce = isVM || configuration.broker.isUnixSocket
        return session
    }

    /// Everything that speaks in its name.
    private func buildServices() {
        let (host, supervisor) = (configuration.host, ground.supervisor)
        if configuration.policy.isClosed { Log.note(Policy.advice) }
        // A guest's broker is at the other end of a wire inside its host.
        if line == nil, let warning = configuration.broker.exposure { Log.note(warning) }
        applyConfiguration()
        let runner = CommandRunner(
            host: host, supervisor: supervisor, health: health, session: session,
            shutDown: { [unowned self] in terminate() })
        endpoint = ControlEndpoint(
            quotas: configuration.quotas, audit: audit, read: Self.read, responder: Self.responder(host, session),
            refusal: { $0.refusal(by: host) },
            execute: { command, _, reply in runner.run(command, reply: reply) })
        retained = RetainedState(
            host: host, session: session, loop: ground.loop, supervisor: supervisor, health: health,
            // Whoever has waited for a machine to be online wants something of it first.
            firstHealth: line == nil ? .zero : .seconds(Limits.vmHealthDelay), info: { [unowned self] in info })
    }

    /// Has everybody go by the configuration as it is now.
    private func applyConfiguration() {
        ground.launcher.use(drivers, configuration.policy)
        ground.supervisor.gracePeriod = configuration.stopGrace
        ground.supervisor.quotas = configuration.quotas
        session.queueLimit = configuration.quotas.queue
        let topic = Topic.audit(configuration.host).description
        audit.publish =
            configuration.publishesAudit
            ? { [unowned self] line in
                session.publish(Message(topic: topic, payload: line, qos: 0), whenOffline: .drop)
            } : nil
    }

    /// Runs until SIGTERM or SIGINT, and until every process has stopped.
    package func run() throws(SystemError) {
        line?.say(.isUp)
        session.start(
            Session.Handlers(
                connected: { [unowned self] in connected() }, message: { [unowned self] in received($0) },
                disconnected: { [unowned self] in disconnected($0) },
                refused: {
                    Log.note("the broker refuses what goes to \($0.topic): \($1); see its ACL")
                },
                dropped: {
                    Log.note("\($0) messages for the broker are lost: they did not fit into its queue (max_queue)")
                }))
        try ground.loop.run()
        // Nobody reads it before, and what nobody reads at all the optimizer lets go of at once.
        flock(ground.lock.number, LOCK_UN)
    }

    private func hearKeeper() {
        if let exits = ground.link.receiveExits() { return ground.supervisor.take(exits) }
        // The kernel is about to kill this process, and the next agent goes on: see docs/decisions/0008-keeper.md.
        ground.loop.unwatch(ground.link.number)
        hasLostKeeper = true
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
        lastOutage = nil
        introduce()
    }

    private func introduce() {
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

    // MARK: Signals

    private func handle(signal: Int32) {
        switch signal {
        case SIGHUP:
            ground.supervisor.zoneMayHaveChanged()
            readConfiguration()
        default:
            // Who kills an agent's keeper may mean its worker, too, which is no order to stop what runs.
            hearKeeper()
            if !hasLostKeeper { terminate() }
        }
    }

    private func terminate() {
        Log.note(isTerminating ? "stopping at once" : "stopping")
        if !isTerminating {
            line?.say(.ends)
            ground.link.sayEnding()
        }
        isTerminating = true
        ground.end { [unowned self] in leave(behind: $0) }
    }

    /// Says the last words, and ends.
    ///
    /// - Parameter survivors: what lives on; nil when nothing does.
    private func leave(behind survivors: String?) {
        if let survivors {
            Log.note("ends, and leaves behind: \(survivors)")
            health.lastWords = "the agent has ended, and has left behind: \(survivors)"
            retained?.publishHealth()
        }
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
            drivers = drivers.map(configuration.renew)
            applyConfiguration()
            endpoint?.quotas = new.quotas
            health.interval = new.healthInterval
            applyFiles()
            ground.stateStore.lookForDamage()
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
        ground.stateStore.withdraw(.applied)
        directory.apply { [stateStore = ground.stateStore] in stateStore.note(.applied) }
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
