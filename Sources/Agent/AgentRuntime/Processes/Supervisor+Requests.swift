import LinuxSystem
import Logs
import Model
import Supervision
import Wire

/// The commands of requests. Each gets one answer, at the latest when the process has reached the requested state.
extension Supervisor {
    /// Starts a process, which replaces an ended one of its name. Updates a live process where the specs permit that.
    ///
    /// - Parameter origin: nil: a request without an owner.
    func start(_ spec: ProcessSpec, origin: ProcessOrigin? = nil, reply: @escaping Reply) {
        let origin = origin ?? .request(for: spec)
        do throws(Failure) { if try updatable(by: spec, origin) == nil { try admit(spec) } } catch {
            return reply(.failed(error))
        }
        let ticket = pendingStarts.begin(spec.name)
        launcher.examine(spec, origin) { [self] result in
            pendingStarts.end(ticket)
            do throws(Failure) {
                let programName = try result.get()
                guard !ticket.isStopped else { throw Self.stopped }
                if let process = try updatable(by: spec, origin) {
                    update(process, to: spec)
                    return reply(.updated(process.id, pid: process.isUp ? process.launch.pid : nil))
                }
                // Other requests may have been carried out in the meantime.
                try admit(spec)
                let id = spec.name ?? table.makeName(for: programName)
                start(ManagedProcess(id: id, spec: spec, origin: origin), reply)
            } catch {
                reply(.failed(error))
            }
        }
    }

    private func start(_ process: ManagedProcess, _ reply: @escaping Reply) {
        process.await(.start, reply)
        perform(.start, on: process)
        // The answer does not wait for the first scheduled run.
        if process.lifecycle.phase == .scheduled { answer(process, .start, .started(process.id, pid: nil)) }
    }

    static let stopped = Failure(.notAllowed, "stopped by another request")

    /// The live process of that name, if it can take on this spec without a restart.
    private func updatable(by spec: ProcessSpec, _ origin: ProcessOrigin) throws(Failure) -> ManagedProcess? {
        guard !isShuttingDown, let id = spec.name, let process = table.process(id), process.origin == origin,
            process.lifecycle.isLive, process.lifecycle.want == .up, process.spec.change(to: spec, of: id) == .inPlace
        else { return nil }
        for dependency in spec.dependsOn { try check(dependency, of: id) }
        return process
    }

    private func admit(_ spec: ProcessSpec) throws(Failure) {
        guard !isShuttingDown else { throw Launcher.closed }
        guard table.liveCount < settings.quotas.processes else { throw Failure(.noCapacity, "too many processes") }
        if let name = spec.name, table.process(name)?.lifecycle.isLive ?? false || pendingStarts.contains(name) {
            throw Failure(.nameInUse, "\(name) is in use by a live process")
        }
        for dependency in spec.dependsOn {
            try check(dependency, of: spec.name)
            if case .blocked(let reason) = standing(of: dependency) {
                throw Failure(.notAllowed, "depends on \(dependency.id), which \(reason)")
            }
        }
    }

    /// Refuses a dependency that could never be met.
    private func check(_ dependency: Dependency, of id: Name?) throws(Failure) {
        guard let other = table.process(dependency.id) else {
            throw Failure(.noSuchProcess, "depends on \(dependency.id), which is unknown")
        }
        guard !depends(other, on: id) else {
            throw Failure(.invalidArgument, "depends on \(dependency.id), which depends on it")
        }
    }

    private func depends(_ process: ManagedProcess, on id: Name?) -> Bool {
        guard let id else { return false }
        var seen: Set<Name> = [], next = [process]
        while let process = next.popLast() {
            if process.spec.prerequisites.contains(id) { return true }
            for other in process.spec.prerequisites where seen.insert(other).inserted {
                if let other = table.process(other) { next.append(other) }
            }
        }
        return false
    }

    func stop(_ reference: ProcessReference, reply: @escaping Reply) {
        let process = table.find(reference)
        let hasStoppedStart = (process?.id ?? reference.id).map(pendingStarts.stop) ?? false
        guard let process else { return reply(hasStoppedStart ? .stopped : .failed(reference.notFound)) }
        // A failed process is still wanted until it is stopped; that also ends its health reason.
        guard process.lifecycle.isLive || process.lifecycle.want == .up else {
            let failure = Failure(.noSuchProcess, "\(process.id) is not running")
            return reply(hasStoppedStart ? .stopped : .failed(failure))
        }
        process.await(.stop, reply)
        perform(.stop, on: process)
        store(process)
        if !process.lifecycle.isLive { answer(process, .stop, .stopped) }
    }

    func reset(_ reference: ProcessReference, reply: @escaping Reply) {
        guard let process = table.find(reference) else { return reply(.failed(reference.notFound)) }
        guard !isShuttingDown else { return reply(.failed(Launcher.closed)) }
        let wanted = process.lifecycle.want
        // Checked before the process is stopped.
        launcher.examine(process.spec, process.origin) { [self] result in
            do throws(Failure) { _ = try result.get() } catch { return reply(.failed(error)) }
            guard table.process(process.id) === process else { return reply(.failed(reference.notFound)) }
            guard !isShuttingDown else { return reply(.failed(Launcher.closed)) }
            guard process.lifecycle.want == wanted || wanted == .down else { return reply(.failed(Self.stopped)) }
            process.await(.reset, reply)
            perform(.restart, on: process)
            store(process)
        }
    }

    /// Starts a known process with the config that it had, unless it is up or about to be.
    func startAgain(_ reference: ProcessReference, reply: @escaping Reply) {
        guard let process = table.find(reference) else { return reply(.failed(reference.notFound)) }
        guard !process.lifecycle.isLive || process.lifecycle.want == .down else {
            return reply(.unchanged(process.id, pid: process.isUp ? process.launch.pid : nil))
        }
        reset(.id(process.id)) { outcome in
            if case .reset(let id, let pid) = outcome { reply(.started(id, pid: pid)) } else { reply(outcome) }
        }
    }

    func query(_ reference: ProcessReference) -> Outcome {
        if let process = table.find(reference), process.isUp { return .running }
        if case .pid(let pid) = reference, let status = table.exitStatus(pid) { return .ended(status) }
        return .failed(reference.notFound)
    }

    func describe(_ reference: ProcessReference) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        return .process(entry(of: process), process.spec)
    }

    /// Sends a signal to the main process only.
    func signal(_ reference: ProcessReference, _ signal: Int32) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        guard process.isUp else { return .failed(Failure(.noSuchProcess, "\(process.id) is not running")) }
        process.run?.signal(signal)
        return .signaled
    }

    /// Forgets an ended or failed process.
    func remove(_ reference: ProcessReference) -> Outcome {
        guard let process = table.find(reference) else { return .failed(reference.notFound) }
        guard !process.lifecycle.isLive else {
            return .failed(Failure(.notAllowed, "\(process.id) is \(process.lifecycle.state.rawValue): kill it first"))
        }
        forget(process)
        events.note(AgentEvent(.removed, .info, "\(process.id) was removed", of: process.id))
        return .removed
    }

    func forget(_ process: ManagedProcess) {
        table.remove(process)
        _ = health.note(failureOf: process.id, nil)
        removeLogs(of: process)
        launcher.forget(process)
        // Another process may be about to take over the id.
        if table.process(process.id) == nil { subscriptions.remove(process.id) }
        stateStore.noteForgotten(process.id)
        if process.spec.isPersistent { stateStore.store(process.id, nil) }
        forgotten(process.id)
        startWaiting()
    }

    /// Stores the spec and the want of a persistent process.
    func store(_ process: ManagedProcess) {
        guard let stored = storable(process), !isShuttingDown, isKnown(process) else { return }
        stateStore.store(process.id, stored)
    }

    /// What is to be stored of a process; nil when nothing is.
    func storable(_ process: ManagedProcess) -> PersistentSpecs.Stored? {
        guard process.spec.isPersistent else { return nil }
        // A process that has ended by itself is started by the next agent all the same.
        let hasEnded = process.lifecycle.phase == .exited && process.launch.isOwnEnd
        return .init(spec: process.spec, origin: process.origin, want: hasEnded ? .up : process.lifecycle.want)
    }

    /// Answers the requests that wait for this.
    func answer(_ process: ManagedProcess, _ awaited: ManagedProcess.Awaited, _ outcome: Outcome) {
        for reply in process.take(awaited) { reply(outcome) }
    }
}
