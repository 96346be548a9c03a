import Drivers
import var Glibc.SIGHUP
import var Glibc.SIGINT
import var Glibc.SIGTERM
import var Glibc.SIGUSR2
package import LinuxSystem
import MQTTTransport
import Model
import ServiceSupport
import Wire

/// The worker of one agent: it builds the agent's components and connects them, handles signals and ends the agent.
///
/// Everything runs on one event loop, in one thread. `AgentCommandLine` creates one instance in each worker process. In
/// a guest that has no identity yet, ``warmUp()`` and ``become(_:)`` come before ``run()``.
package final class Agent {
    private let ground: AgentFoundation
    private var configuration: AgentConfiguration
    private let reload: () throws -> AgentConfiguration
    private let line: SerialLine?
    private var drivers: [any Driver]
    private let directory: SpecDirectoryReader
    private var session: Session
    private var formerSession: Session?  // closing it would delay the new one
    private let audit: AuditLog
    private let packetLimit = PacketLimitNotice()
    private let rights = MissingRights()
    private var health: HealthMonitor
    private var endpoint: ControlEndpoint<CommandRunner>?
    private var requests: RetainedRequests
    private var retained: RetainedState?
    private var formerName: FormerName?
    private let upgrade: Upgrade
    private var signals: SignalSource?
    private var (isTerminating, hasLostKeeper) = (false, false)

    /// - Parameters:
    ///   - line: the serial line to the runner; nil outside a VM.
    ///   - trial: of the program on the disk, for an upgrade; nil in a VM.
    ///   - reload: reads the configuration again, in the same way as at the start.
    init(
        _ configuration: AgentConfiguration, ground: AgentFoundation, line: SerialLine?, trial: ProgramTrial?,
        reload: @escaping () throws -> AgentConfiguration
    ) throws(SystemError) {
        self.configuration = configuration
        self.ground = ground
        self.line = line
        self.reload = reload
        let loop = ground.loop
        drivers = configuration.makeDrivers(isVM: line != nil)
        directory = SpecDirectoryReader(SpecDirectory(path: configuration.processesDirectory), ground.supervisor)
        session = try Session.ofAgent(configuration, on: loop, isVM: line != nil)
        requests = RetainedRequests(session)
        audit = AuditLog(stateDirectory: configuration.stateDirectory, on: loop)
        health = HealthMonitor(configuration, ground, [directory, audit, packetLimit, rights])
        upgrade = Upgrade(ground, trial)
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP, SIGUSR2], on: loop) { [unowned self] in handle($0) }
        buildServices()
        ground.recover()
        if ground.stateStore.milestones.contains(.applied) { directory.look() } else { applyFiles() }
        try loop.watch(ground.link.number, for: .read) { [unowned self] _ in hearKeeper() }
        try line?.watch(on: loop) { [unowned self] in
            terminate()
        } warmedUp: { [unowned self] in
            session.close { loop.stop() }
        }
        ground.pool.changed = { [unowned self] in retained?.publishInfo() }
        ground.supervisor.strays.changed = { [unowned self] in
            // `changed` may be called in the middle of a health measurement.
            ground.loop.after(.zero) { [unowned self] in retained?.refreshHealth() }
        }
        for driver in drivers { driver.begin(on: loop) { [unowned self] in self.ground.pool.refill() } }
        ground.link.sayReady()
    }

    /// Replaces the configuration before ``run()``, when a guest has received its identity.
    func become(_ configuration: AgentConfiguration) throws(SystemError) {
        self.configuration = configuration
        drivers = configuration.makeDrivers(isVM: line != nil)
        formerSession = session
        session = try Session.ofAgent(configuration, on: ground.loop, isVM: line != nil)
        requests = RetainedRequests(session)
        health = HealthMonitor(configuration, ground, [directory, audit, packetLimit, rights])
        buildServices()
    }

    /// The guest's side of the warm-up: runs the agent against the runner's stand-in for a broker (`VMRuntime/WarmUp`),
    /// so that clones find this code executed once. Then removes everything that the warm-up has left.
    func warmUp() throws(SystemError) {
        try become(configuration)
        Log.level = .error  // its events are no news; the next configuration sets the level
        session.start(
            Session.Handlers(
                connected: { [unowned self] in introduce() }, message: { [unowned self] in received($0) },
                disconnected: { Log.note("the warm-up has no connection: \($0)", .error) }))
        try ground.loop.run()
        formerSession = nil
        ground.supervisor.forgetAll()
        audit.remove()
        ground.launcher.plantAhead()
    }

    /// Creates what depends on the host name or the session.
    private func buildServices() {
        let (host, supervisor) = (configuration.host, ground.supervisor)
        if configuration.policy.isClosed { Log.note(Policy.advice, .warning) }
        if let exec = drivers.first, let reason = exec.fingerprint().reason { Log.note(reason, .warning) }
        // A guest's connection stays inside its host: the runner forwards it to the broker.
        if line == nil, let warning = configuration.broker.exposure { Log.note(warning, .warning) }
        applyConfiguration()
        let runner = CommandRunner(
            host: host, supervisor: supervisor, health: health, publisher: session,
            stateStore: ground.stateStore, shutDown: { [unowned self] in terminate() })
        endpoint = ControlEndpoint(
            runner, topic: .response(host), publisher: session, quotas: configuration.quotas, audit: audit)
        // The state of a VM ends with it.
        if line == nil { formerName = FormerName(configuration, session: health.session, on: ground.loop) }
        for (digest, age) in ground.stateStore.begun.all { endpoint?.inherit(digest, age: age) }
        retained = RetainedState(
            host: host, publisher: session, loop: ground.loop, supervisor: supervisor, health: health,
            // In a VM, health is sent later: clients that waited for `online` send their first requests now.
            firstHealth: line == nil ? .zero : .seconds(Limits.vmHealthDelay), info: { [unowned self] in info })
    }

    /// Passes the current configuration to all components.
    private func applyConfiguration() {
        ground.launcher.use(drivers, configuration.policy)
        ground.supervisor.settings = SupervisorSettings(
            gracePeriod: configuration.stopGrace, quotas: configuration.quotas)
        session.queueLimit = configuration.quotas.queue
        Log.level = configuration.logLevel
        let topic = Topic.audit(configuration.host).description
        audit.publish =
            configuration.publishesAudit
            ? { [unowned self] line in
                session.publish(Message(topic: topic, payload: line, qos: 0), whenOffline: .drop)
            } : nil
        let events = ground.supervisor.events
        events.publish(to: session, as: configuration.host)
        audit.refused = { events.note(.refused($0, $1, requester: $2)) }
    }

    /// Runs until SIGTERM or SIGINT, and until every process has stopped; or until an upgrade.
    ///
    /// - Returns: the exit code.
    package func run() throws(SystemError) -> Int32 {
        line?.say(.isUp)
        session.startLogging(
            configuration.broker, packetLimit, rights, connected: { [unowned self] in introduce() },
            message: { [unowned self] in received($0) },
            disconnected: { [unowned self] in
                formerName?.disconnected()
                health.ownHealth.disconnected()
            })
        try ground.loop.run()
        ground.lock.unlock()
        return upgrade.exitCode
    }

    private func hearKeeper() {
        if let exits = ground.link.receiveExits() { return ground.supervisor.take(exits) }
        // The keeper is dead: the kernel is about to kill this worker, and the next agent adopts its processes
        // (docs/decisions/0008-keeper.md).
        ground.loop.unwatch(ground.link.number)
        hasLostKeeper = true
    }

    // MARK: Requests

    private func received(_ message: Message) {
        guard formerName?.hears(message) != true else { return }
        switch Topic(message.topic) {
        case .control, .watch:
            if requests.isRequest(message) { endpoint?.handle(message) }
        case .status:
            // A late will of the previous session, or another client's message.
            if message.payload.elementsEqual("online".utf8) || isTerminating { return }
            if upgrade.isFinishing { upgrade.heardOffline() } else { retained?.publishStatus(isOnline: true) }
        case .health: hear(message)
        case .process(_, let id):
            if message.isRetained, !message.payload.isEmpty { retained?.clearUnlessKnown(id) }
        default: break
        }
    }

    /// Handles a message on the own health topic.
    private func hear(_ message: Message) {
        if health.conflict.hears(message) {
            session.leastDelay = health.conflict.nextDelay()
            retained?.refreshHealth()
        }
        if health.ownHealth.heard(session) { retained?.refreshHealth() }
    }

    // MARK: The broker

    private func introduce() {
        guard !upgrade.isFinishing else { return }
        requests.connected()
        // Subscribe before publishing `online`: a client may send a request as soon as it sees that.
        session.subscribeAsAgent(of: configuration.host)
        health.ownHealth.connected(session) { [unowned self] in retained?.refreshHealth() }
        session.leastDelay = health.conflict.nextDelay()
        retained?.publishAll()
        ground.supervisor.events.connected()
        formerName?.connected(session)
    }

    // MARK: Signals

    private func handle(_ signal: Int32) {
        switch signal {
        case SIGHUP:
            ground.supervisor.zoneMayHaveChanged()
            readConfiguration()
        case SIGUSR2:
            if !isTerminating { upgrade.begin(self) }
        default:
            // Together with the keeper's death, a signal is no order to stop the processes.
            hearKeeper()
            if !hasLostKeeper { terminate() }
        }
    }

    private func terminate() {
        Log.note(isTerminating ? "stopping at once" : "stopping")
        if !isTerminating {
            line?.say(.ends)
            upgrade.cancel()
            ground.link.sayEnding()
        }
        isTerminating = true
        ground.end { [unowned self] in leave(behind: $0) }
    }

    /// Publishes the last messages and ends. `survivors` names what still runs; nil when nothing does.
    private func leave(behind survivors: String?) {
        if let survivors {
            Log.note("ends, and leaves behind: \(survivors)", .error)
            health.agentEnds(leaving: survivors)
            retained?.publishHealth()
        }
        retained?.publishFarewell()
        close()
    }

    private func readConfiguration() {
        do {
            let new = try reload()
            for name in configuration.fixedFields(differingFrom: new) {
                Log.note("\(name) has changed: this takes a restart", .warning)
            }
            configuration.adopt(new)
            drivers = drivers.map(configuration.renew)
            applyConfiguration()
            endpoint?.quotas = new.quotas
            health.pace.change(from: new.healthInterval, to: new.healthMaxInterval)
            applyFiles()
            ground.stateStore.lookForDamage()
            retained?.publishInfo()
            retained?.publishHealth()
            Log.note("read the configuration again")
            session.renew()
        } catch {
            Log.note("kept the configuration as it was: \(error)", .error)
        }
    }

    /// If this worker dies before all files are applied, the next worker applies them again.
    private func applyFiles() {
        ground.stateStore.withdraw(.applied)
        directory.apply { [stateStore = ground.stateStore] in stateStore.note(.applied) }
    }

    private func report(_ driver: any Driver) -> DriverReport {
        var report = driver.fingerprint()
        report.prestarted = ground.pool.count(of: driver)
        return report
    }

    private var info: HostInfo {
        HostInfo(of: configuration, drivers: drivers.map(report), limits: ground.forest.reports)
    }
}

extension Agent: Upgradable {
    func takeNoMoreRequests() -> Bool {
        // In this order: what arrives before the own `offline` is all that the broker has for this worker.
        session.unsubscribeRequests(of: configuration.host)
        retained?.publishFarewell()
        return session.isConnected
    }

    var isIdle: Bool { endpoint?.isIdle ?? true }

    func close() {
        session.close { [loop = ground.loop] in loop.stop() }
        ground.loop.after(.seconds(Limits.farewell)) { [loop = ground.loop] in loop.stop() }
    }
}
