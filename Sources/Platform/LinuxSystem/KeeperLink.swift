import CLinux
import Glibc

/// The worker's end of the line to its keeper, which is the parent of all that the worker starts.
///
/// The descriptor is a SOCK_SEQPACKET pair's; the messages are in `keeper_message.h`.
package final class KeeperLink {
    /// A process that an earlier worker started. Whoever gets it owns the read ends of its log pipes.
    package struct Held {
        package let launch: UInt64
        /// Nil when it comes from the holder of pipes of an agent before this one, which knows no more than the pipes.
        package let pid: Int32?
        package let output: Int32?
        package let error: Int32?
        /// Whether the keeper is its parent, and tells of its end.
        package let isChild: Bool
    }

    /// Somebody's end.
    package struct Exit {
        package let launch: UInt64
        package let pid: Int32
        package let status: WaitStatus
    }

    private let socket: Descriptor
    private var state: Descriptor?
    /// Keeps the log pipes open when neither keeper nor worker does.
    package let holder = PipeHolderClient()

    /// The line the keeper left to this process; nil when it is no worker. To be asked for before anything is opened:
    /// the numbers are all that tells what the keeper has left.
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

    /// What this process exits with when there is a ``refusal``.
    package static let refused = PM_WORKER_REFUSED

    /// Why this program can't be that keeper's worker; nil when it can. Waits for what the keeper says first.
    package var refusal: String? {
        var descriptors: (Int32, Int32) = (-1, -1)
        var message = pm_keeper_message()
        let result = pm_keeper_receive(number, &message, &descriptors.0, &descriptors.1, Int32(MSG_PEEK))
        // They come again.
        for number in [descriptors.0, descriptors.1] where number >= 0 { close(number) }
        guard result > 0, message.version != Self.version else { return nil }
        return """
            pm-keeper's messages are of version \(message.version), this pm-agent's of version \(Self.version): \
            the agent ends, its processes live on for the next one
            """
    }

    static let version = UInt32(PM_KEEPER_VERSION)

    private static func message(_ kind: pm_keeper_kind, launch: UInt64, pid: Int32 = 0) -> pm_keeper_message {
        pm_keeper_message(kind: kind.rawValue, pid: pid, launch: launch, status: 0, version: 0)
    }

    /// What the worker before this one left to it, see ``keep(_:)``.
    package func takeState() -> Descriptor? { state.take() }

    /// What a child says its birth on, and what a loop watches.
    package var number: Int32 { socket.number }

    /// Takes over all that the keeper holds; to be called once, before anything else.
    package func takeOver() throws(SystemError) -> [Held] {
        var held: [Held] = []
        while true {
            var (output, error): (Int32, Int32) = (-1, -1)
            var message = pm_keeper_message()
            guard pm_keeper_receive(number, &message, &output, &error, 0) > 0 else {
                throw SystemError("hear from the keeper")
            }
            switch message.kind {
            case PM_HOLDER.rawValue: holder.use(Descriptor(owning: output), pid: message.pid)
            case PM_HELD.rawValue:
                held.append(
                    Held(
                        launch: message.launch, pid: message.pid, output: output < 0 ? nil : output,
                        error: error < 0 ? nil : error, isChild: message.status != 0))
            case PM_READY.rawValue: return held
            default: break
            }
        }
    }

    /// What has ended since the last call. A launch of 0 is an orphan's: somebody's tree may be empty now.
    ///
    /// - Returns: nil when the keeper is gone.
    package func receiveExits() -> [Exit]? {
        var exits: [Exit] = []
        while true {
            var (first, second): (Int32, Int32) = (-1, -1)
            var message = pm_keeper_message()
            let result = pm_keeper_receive(number, &message, &first, &second, Int32(MSG_DONTWAIT))
            if result == 0 { return nil }
            guard result > 0 else { return exits }
            if message.kind == PM_HOLDER.rawValue { holder.use(Descriptor(owning: first), pid: message.pid) }
            guard message.kind == PM_EXITED.rawValue else { continue }
            exits.append(
                Exit(launch: message.launch, pid: message.pid, status: WaitStatus(raw: message.status)))
        }
    }

    /// This worker supervises: from now on its unexpected end means that another one is started.
    package func sayReady() { send(PM_READY) }

    /// This worker was told to end: should it be killed before it has, the next one shall end as well.
    package func sayEnding() { send(PM_ENDING) }

    /// A launch is dealt with: keeper and holder may forget it.
    package func release(_ launch: UInt64) {
        send(PM_RELEASE, launch: launch)
        holder.release(launch)
    }

    /// Has keeper and holder hold the log pipes of a process that somebody else is the parent of.
    package func hold(launch: UInt64, pid: Int32, output: Int32, error: Int32) {
        holder.hold(launch: launch, output: output, error: error)
        var message = Self.message(PM_BORN, launch: launch, pid: pid)
        _ = pm_keeper_send(number, &message, output, error)
    }

    /// Leaves a descriptor to the next worker.
    package func keep(_ state: borrowing Descriptor) { send(PM_STATE, descriptor: state.number) }

    /// A keeper that is gone is noticed where exits are received.
    private func send(_ kind: pm_keeper_kind, launch: UInt64 = 0, descriptor: Int32 = -1) {
        var message = Self.message(kind, launch: launch)
        _ = pm_keeper_send(number, &message, descriptor, -1)
    }
}
