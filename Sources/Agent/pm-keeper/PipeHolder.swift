import CKeeper
import CLinux

/// The pipe holder: keeps the read ends of log pipes open while neither keeper nor worker runs. A process that writes
/// then blocks when the pipe is full, instead of being ended by SIGPIPE. The holder hands the pipes to the next agent's
/// worker.
///
/// The worker sends it the pipes of each launch. The end of the worker's socket tells it that the agent is gone. See
/// docs/decisions/0021-pipe-holder.md.
struct PipeHolder {
    /// The socket to the agent; -1 when the agent is gone.
    private var agent = PM_HOLDER_SOCKET
    /// The socket that the next agent's worker connects to.
    private var listener: Int32 = -1
    private var successor: Int32 = -1
    private var held: [UInt64: Pipes] = [:]
    /// After the agent's end: the pipes that a process still has open for writing.
    private var open: [Int32] = []

    private struct Pipes { let output, error: Int32 }

    /// Milliseconds that unread output is kept for the next agent after the last writer has ended.
    private static let patience: Int32 = 10_000

    /// Runs until nothing is left to hold.
    mutating func run() {
        while agent >= 0 || !held.isEmpty {
            var ready = [
                pollfd(fd: agent, events: Int16(POLLIN), revents: 0),
                pollfd(fd: successor >= 0 ? -1 : listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: successor, events: Int16(POLLIN), revents: 0),
                // Watched only for POLLERR or POLLHUP: the last writer has ended.
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
        default: pm_keeper_drop(first, second)
        }
    }

    private mutating func release(_ launch: UInt64) {
        guard let pipes = held.removeValue(forKey: launch) else { return }
        close(pipes.output)
        close(pipes.error)
    }

    // MARK: The next agent

    /// Accepts a connection and sends this holder's pid. If it is the worker's own holder, the worker disconnects.
    private mutating func greet() {
        successor = pm_holder_accept(listener)
        guard successor >= 0 else { return }
        if !send(PM_HOLDER, pid: getpid()) { letSuccessorGo() }
    }

    private mutating func letSuccessorGo() {
        close(successor)
        successor = -1
    }

    /// - Returns: whether the next agent has received all pipes and given them to its own holder.
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
