import Glibc
import TestSupport

/// A host with a soak. Its agent has a proxy to the broker, a clock that can jump and, on a host with shortages, a
/// disk that can fail.
///
/// ``Chaos`` begins faults and calls ``tick()`` often. A fault that lasts registers a repair, which ``tick()`` runs
/// when it is due, or ``heal()`` before a checkpoint. Cut connections and shortages are reported to the soak, which
/// then permits missing answers and refusals.
@MainActor
final class ChaosHost {
    struct Repair {
        let at: ContinuousClock.Instant
        let body: () throws -> Void
    }

    let soak: Soak
    let proxy: Proxy
    let clock: JumpingClock
    /// The disk that holds its state, if it can be made full or read-only.
    private let disk: StateDisk?
    /// The faults of this host. A host without shortages must keep promises that a shortage would excuse.
    let faults: [Fault]
    private var repairs: [Repair] = []
    private var knownCuts = 0
    private var diskFailedAt = ContinuousClock.now - ChaosHost.diskPatience
    /// Longer than the agent takes to write again after a failure: it tries every 5 s.
    private static let diskPatience = Duration.seconds(10)
    private let folder: TemporaryFolder

    /// - Parameter hasShortages: whether its faults include a lack of disk space, descriptors and processes.
    init(_ name: String, on broker: Broker, seed: Seed, hasShortages: Bool) async throws {
        folder = try TemporaryFolder()
        proxy = try Proxy(at: "\(folder.path)/b.sock", to: broker.socket)
        clock = try JumpingClock(at: "\(folder.path)/clock")
        // The limit on processes counts all processes of a user and does not apply to root. The user `nobody` has no
        // others.
        let isRoot = geteuid() == 0
        let user = hasShortages && isRoot ? #","run_as":"nobody""# : ""
        var options = AgentProcess.Options(host: name, configuration: #"{"stop_grace":1\#(user)}"#)
        options.wrapper = try clock.wrapper
        options.runsAsOwn = user.isEmpty
        let agent = try AgentProcess(options, url: proxy.url)
        try FileStore.makeDirectory(agent.stateDirectory)
        var faults: [Fault] = Fault.ofNetwork + [.freezeWorker, .freezeKeeper, .freezeBroker, .jump]
        var disk: StateDisk?
        if hasShortages {
            do {
                disk = try StateDisk(at: agent.stateDirectory, megabytes: 16)
                faults += [.fullDisk, .readOnlyDisk]
            } catch { Report.line("skipped: full disk and read-only disk (\(error))") }
            faults.append(.noDescriptors)
            if isRoot { faults.append(.noProcesses) } else { Report.line("skipped: no processes (needs root)") }
        }
        self.disk = disk
        self.faults = faults
        soak = try await Soak(seed: seed, setting: Setting(broker, agent))
        // The connections before were short, so the agent waits 30 s between attempts, and one to a frozen broker takes
        // 10 s. Other faults may end several in a row.
        soak.outagePatience = .seconds(180)
    }

    deinit { disk?.unmount() }

    func begin(_ fault: Fault, _ number: Int) throws {
        let pause = Duration.milliseconds(50 + number % 2_000)
        switch fault {
        case .delay:
            proxy.delay(by: .milliseconds(number % 100))
            repair(after: pause) { [proxy] in proxy.delay(by: .zero) }
        case .stall: proxy.stall(for: pause)
        case .cut: proxy.cut()
        case .cutPacket: proxy.cutNextPacket()
        case .halfClose: proxy.halfClose(towardsBroker: number % 2 == 0)
        case .overtake: proxy.cutAndLinger(for: pause)
        case .freezeWorker: if let worker = soak.setting.agent.worker { freeze(worker, for: pause) }
        case .freezeKeeper: freeze(SystemProcess(soak.setting.agent.pid), for: pause)
        case .freezeBroker: freeze(SystemProcess(Int(soak.setting.broker.pid)), for: pause)
        case .jump: try clock.set([3_600, -3_600, 86_400 * 400, -86_400 * 400, 1, 0][number % 6])
        case .fullDisk: try take(.isFull, for: pause)
        case .readOnlyDisk: try take(.isReadOnly, for: pause)
        case .noDescriptors:
            guard let worker = soak.setting.agent.worker else { return }
            try shorten(worker, "nofile", to: worker.descriptors.count + number % 4, for: pause)
        case .noProcesses:
            guard let worker = soak.setting.agent.worker else { return }
            try shorten(worker, "nproc", to: 0, for: pause)
        }
        noticeCuts()
    }

    /// Runs the repairs that are due, notices cut connections and handles answers.
    func tick() throws {
        let due = repairs.filter { $0.at <= .now }
        repairs.removeAll { $0.at <= .now }
        for repair in due { try repair.body() }
        soak.isShort = soak.isShort && !repairs.isEmpty
        noticeCuts()
        try soak.hear()
    }

    func heal() throws {
        for repair in repairs { try repair.body() }
        repairs = []
        proxy.heal()
        soak.isShort = false
        noticeCuts()
    }

    /// Whether the agent may have state that is not on its disk yet. An agent that is killed then loses it, and on a
    /// read-only disk it cannot even leave a note of that.
    var hasUnsavedState: Bool { disk != nil && (soak.isShort || .now - diskFailedAt < Self.diskPatience) }

    // MARK: Helpers

    private func noticeCuts() {
        guard proxy.cuts != knownCuts else { return }
        knownCuts = proxy.cuts
        soak.begin(outage: "the connection's end")
    }

    private func repair(after duration: Duration, _ body: @escaping () throws -> Void) {
        repairs.append(Repair(at: .now + duration, body: body))
    }

    private func freeze(_ process: SystemProcess, for duration: Duration) {
        process.kill(SIGSTOP)
        repair(after: duration) { process.kill(SIGCONT) }
    }

    private func take(_ fault: StateDisk.Fault, for duration: Duration) throws {
        guard let disk, !soak.isShort else { return }
        soak.beginShortage()
        try disk.begin(fault)
        repair(after: duration) { [weak self] in
            try disk.end(fault)
            self?.diskFailedAt = .now
        }
    }

    /// Lowers a soft limit of a running process for a time.
    private func shorten(_ process: SystemProcess, _ name: String, to number: Int, for duration: Duration) throws {
        guard !soak.isShort else { return }
        soak.beginShortage()
        let old = process.softLimit(name == "nofile" ? "Max open files" : "Max processes") ?? "unlimited"
        try Self.setLimit("\(name)=\(number):", of: process)
        repair(after: duration) {
            if process.state != nil { try Self.setLimit("\(name)=\(old):", of: process) }
        }
    }

    private static func setLimit(_ words: String, of process: SystemProcess) throws {
        let command = ["/usr/bin/prlimit", "--pid", "\(process.pid)", "--\(words)"]
        // A failure is ignored: the process may have died.
        _ = try ChildProcess(command, log: "/dev/null").wait()
    }
}
