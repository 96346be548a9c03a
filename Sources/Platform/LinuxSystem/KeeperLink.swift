import CLinux
import Glibc

/// The worker's connection to its keeper, which is the parent of every process that the worker launches.
///
/// The descriptor is one end of a SOCK_SEQPACKET pair; the messages are in `keeper_message.h`. A new worker first calls
/// ``takeOver()`` to get what the keeper holds, then watches ``number`` and calls ``receiveExits()``. It reports each
/// finished launch by ``release(_:)``. When the worker dies, the keeper starts another one, which gets all that was not
/// released.
package final class KeeperLink {
    /// A process that an earlier worker launched. The receiver owns the read ends of its log pipes.
    package struct Held {
        package let launch: UInt64
        /// Nil if it comes from the pipe holder of an earlier agent, which knows only the pipes.
        package let pid: Int32?
        package let output: Int32?
        package let error: Int32?
        /// Whether the keeper is its parent, and so reports its end.
        package let isChild: Bool

        /// Closes the pipes.
        package func close() {
            for number in [output, error] { if let number { _ = Descriptor(owning: number) } }
        }
    }

    /// The end of a child of the keeper.
    package struct Exit {
        package let launch: UInt64
        package let pid: Int32
        package let status: WaitStatus
    }

    private let socket: Descriptor
    private var state: Descriptor?
    /// Keeps the log pipes open when keeper and worker are both dead.
    package let holder = PipeHolderClient()
    /// What the keeper has told of itself.
    package private(set) var keeper = KeeperFacts()
    private var tried: (SuccessorTrial) -> Void = { _ in }

    /// The connection inherited from the keeper; nil if this process is no worker. Must be called before any file is
    /// opened, because the inherited descriptors are known only by their numbers.
    package static func inherited() -> KeeperLink? {
        var type: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(PM_WORKER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0,
            type == Int32(SOCK_SEQPACKET.rawValue)
        else { return nil }
        return KeeperLink()
    }

    private init() {
        _ = fcntl(PM_WORKER_SOCKET, F_SETFD, FD_CLOEXEC)
        socket = Descriptor(owning: PM_WORKER_SOCKET)
        if fcntl(PM_WORKER_STATE, F_SETFD, FD_CLOEXEC) == 0 { state = Descriptor(owning: PM_WORKER_STATE) }
    }

    /// The exit code of this process if there is a ``refusal``.
    package static let refused = PM_WORKER_REFUSED

    /// The exit code of a worker that ends for an upgrade.
    package static let upgrades = PM_WORKER_UPGRADES

    /// Why this program can't be the keeper's worker; nil if it can. Waits for the keeper's first message.
    package var refusal: String? {
        var descriptors: (Int32, Int32) = (-1, -1)
        var message = pm_keeper_message()
        let result = pm_keeper_receive(number, &message, &descriptors.0, &descriptors.1, Int32(MSG_PEEK))
        // The message stays queued, and its descriptors are received again with it.
        pm_keeper_drop(descriptors.0, descriptors.1)
        guard result > 0, !Self.understands(message) else { return nil }
        let version = message.kind == PM_HELLO.rawValue ? UInt32(bitPattern: message.status) : message.version
        return """
            pm-keeper's messages are of version \(version), this pm-agent's of version \(pm_message_version()): \
            this worker ends, and the processes live on
            """
    }

    /// A keeper without a PM_HELLO has version 1.
    private static func understands(_ message: pm_keeper_message) -> Bool {
        var message = message
        guard pm_keeper_understands(&message) != 0 else { return false }
        return message.kind == PM_HELLO.rawValue || pm_oldest_message_version() <= 1
    }

    private static func message(
        _ kind: pm_keeper_kind, launch: UInt64, pid: Int32 = 0, status: Int32 = 0
    ) -> pm_keeper_message {
        pm_keeper_message(kind: kind.rawValue, pid: pid, launch: launch, status: status, version: 0)
    }

    /// The descriptor that the previous worker left by ``keep(_:)``.
    package func takeState() -> Descriptor? { state.take() }

    /// The socket on which newborns announce themselves, and which the loop watches.
    package var number: Int32 { socket.number }

    /// Receives all that the keeper holds. Must be called once, before anything else.
    package func takeOver() throws(SystemError) -> [Held] {
        send(PM_HELLO, status: Int32(bitPattern: pm_message_version()))
        var held: [Held] = []
        while true {
            var (output, error): (Int32, Int32) = (-1, -1)
            var message = pm_keeper_message()
            guard pm_keeper_receive(number, &message, &output, &error, 0) > 0 else {
                throw SystemError("receive from the keeper")
            }
            switch message.kind {
            case PM_HOLDER.rawValue: holder.use(Descriptor(owning: output), pid: message.pid)
            case PM_HELD.rawValue:
                held.append(
                    Held(
                        launch: message.launch, pid: message.pid, output: output < 0 ? nil : output,
                        error: error < 0 ? nil : error, isChild: message.status != 0))
            case PM_HELLO.rawValue: keeper = KeeperFacts(message)
            case PM_READY.rawValue: return held
            default: pm_keeper_drop(output, error)
            }
        }
    }

    /// The children of the keeper that have ended since the last call. Launch 0 is an orphan: some tree may be empty
    /// now.
    ///
    /// - Returns: nil if the keeper is gone.
    package func receiveExits() -> [Exit]? {
        var exits: [Exit] = []
        while true {
            var (first, second): (Int32, Int32) = (-1, -1)
            var message = pm_keeper_message()
            let result = pm_keeper_receive(number, &message, &first, &second, Int32(MSG_DONTWAIT))
            if result == 0 { return nil }
            guard result > 0 else { return exits }
            switch message.kind {
            case PM_HOLDER.rawValue: holder.use(Descriptor(owning: first), pid: message.pid)
            case PM_TRIED.rawValue: tried(SuccessorTrial(result: message.status))
            case PM_EXITED.rawValue:
                exits.append(
                    Exit(launch: message.launch, pid: message.pid, status: WaitStatus(raw: message.status)))
            default: pm_keeper_drop(first, second)
            }
        }
    }

    /// Asks the keeper whether the keeper's program on the disk could take over from it. It has to know upgrades.
    ///
    /// - Parameter then: called once, by ``receiveExits()``.
    package func trySuccessor(then: @escaping (SuccessorTrial) -> Void) {
        tried = { [self] trial in
            tried = { _ in }
            then(trial)
        }
        send(PM_TRY)
    }

    /// Tells the keeper that this worker supervises: if it ends unexpectedly from now on, the keeper starts another
    /// one.
    package func sayReady() { send(PM_READY) }

    /// Tells the keeper that this worker was told to end. If it is killed before it has, the next worker shall end as
    /// well.
    package func sayEnding() { send(PM_ENDING) }

    /// A launch is finished: keeper and pipe holder may forget it.
    package func release(_ launch: UInt64) {
        send(PM_RELEASE, launch: launch)
        holder.release(launch)
    }

    /// Gives the log pipes of a process with another parent to keeper and pipe holder.
    package func hold(launch: UInt64, pid: Int32, output: Int32, error: Int32) {
        holder.hold(launch: launch, output: output, error: error)
        var message = Self.message(PM_BORN, launch: launch, pid: pid)
        _ = pm_keeper_send(number, &message, output, error)
    }

    /// Leaves a descriptor to the next worker.
    package func keep(_ state: borrowing Descriptor) { send(PM_STATE, descriptor: state.number) }

    /// Errors are ignored: a dead keeper is noticed by ``receiveExits()``.
    private func send(
        _ kind: pm_keeper_kind, launch: UInt64 = 0, status: Int32 = 0, descriptor: Int32 = -1
    ) {
        var message = Self.message(kind, launch: launch, status: status)
        _ = pm_keeper_send(number, &message, descriptor, -1)
    }
}
