import CKeeper
import CLinux

/// Holds the read ends of log pipes, for the time when neither keeper nor worker is there: a process that writes then waits
/// until the pipe has room, and is not ended by SIGPIPE. It hands them to the worker of the next agent.
///
/// The worker tells it what to hold; it only learns of the agent's end by the end of their socket. See
/// docs/decisions/0021-pipe-holder.md.
struct PipeHolder {
    /// -1 when the agent is gone.
    private var agent = PM_HOLDER_SOCKET
    /// Where the next agent's worker comes.
    private var listener: Int32 = -1
    private var successor: Int32 = -1
    private var held: [UInt64: Pipes] = [:]
    /// Once the agent is gone: those that something may still write to.
    private var open: [Int32] = []

    private struct Pipes { let output, error: Int32 }

    /// Milliseconds that what was written last is kept, when all that wrote is gone: the next agent may be on its way.
    private static let patience: Int32 = 10_000

    /// Runs until nothing is to be held any more.
    mutating func run() {
        while agent >= 0 || !held.isEmpty {
            var ready = [
                pollfd(fd: agent, events: Int16(POLLIN), revents: 0),
                pollfd(fd: successor >= 0 ? -1 : listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: successor, events: Int16(POLLIN), revents: 0),
                // Only its end.
                pollfd(fd: open.last ?? -1, events: 0, revents: 0),
            ]
            let isWanted = agent >= 0 || !open.isEmpty
            if poll(&ready, 4, isWanted ? -1 : Self.patience) == 0 { return }
            if ready[0].revents != 0 { hearAgent() }
            if ready[1].revents != 0 { greet() }
            if ready[2].revents != 0 { letSuccessorGo() }
            if ready[3].revents != 0 { open.removeLast() }
            if agent < 0, successor >= 0, handOver() { return }
        }
    }

    private mutating func hearAgent() {
        var message = pm_keeper_message()
        var (first, second): (Int32, Int32) = (-1, -1)
        guard pm_keeper_receive(agent, &message, &first, &second, 0) > 0 else {
            close(agent)
            agent = -1
            for pipes in held.values { open += [pipes.output, pipes.error] }
            open.removeAll { $0 < 0 }
            return
        }
        switch message.kind {
        case PM_HOLD.rawValue:
            release(message.launch)
            held[message.launch] = Pipes(output: first, error: second)
        case PM_RELEASE.rawValue: release(message.launch)
        case PM_LISTEN.rawValue:
            close(listener)
            listener = first
        default: break
        }
    }

    private mutating func release(_ launch: UInt64) {
        guard let pipes = held.removeValue(forKey: launch) else { return }
        close(pipes.output)
        close(pipes.error)
    }

    // MARK: The next agent

    /// Tells which holder this is: a worker that has it already has no more to ask.
    private mutating func greet() {
        successor = pm_holder_accept(listener)
        guard successor >= 0 else { return }
        if !send(PM_HOLDER, pid: getpid()) { letSuccessorGo() }
    }

    private mutating func letSuccessorGo() {
        close(successor)
        successor = -1
    }

    /// - Returns: whether the next agent has all of it, and a holder of its own.
    private mutating func handOver() -> Bool {
        defer { letSuccessorGo() }
        for (launch, pipes) in held {
            guard send(PM_HELD, launch: launch, pipes) else { return false }
        }
        guard send(PM_READY) else { return false }
        var message = pm_keeper_message()
        var (first, second): (Int32, Int32) = (-1, -1)
        return pm_keeper_receive(successor, &message, &first, &second, 0) > 0 && message.kind == PM_RELEASE.rawValue
    }

    private func send(
        _ kind: pm_keeper_kind, pid: Int32 = 0, launch: UInt64 = 0, _ pipes: Pipes = Pipes(output: -1, error: -1)
    ) -> Bool {
        var message = pm_keeper_message(kind: kind.rawValue, pid: pid, launch: launch, status: 0, version: 0)
        return pm_keeper_send(successor, &message, pipes.output, pipes.error) == 0
    }
}
