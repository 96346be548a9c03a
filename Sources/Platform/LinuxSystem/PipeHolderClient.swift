import CLinux
import Glibc

/// The worker's connection to the pipe holder: a child of the keeper that keeps the read ends of log pipes open when
/// keeper and worker are both dead, and gives them to the next agent with the same state directory.
///
/// The worker tells the holder what to hold before a process can write. At its start it takes over from the holder of
/// the previous agent: ``takeOver(from:)``, then ``dismissPredecessor()``. The holder is found by a socket in the state
/// directory.
package final class PipeHolderClient {
    private var socket: Descriptor?
    /// The socket at which the next agent asks for what this one leaves.
    private var listener: Descriptor?
    /// The connection to the previous agent's holder, which ends once this agent has everything.
    private var predecessor: Descriptor?
    /// The holder's pid; nil if there is none.
    package private(set) var pid: Int32?
    /// Called when the holder was replaced after its death. The new one holds nothing yet.
    package var replaced: () -> Void = {}

    init() {}

    private static let name = "pipes"
    /// Seconds that a holder may take to identify itself and to hand over.
    private static let patience: Int32 = 5

    func use(_ socket: consuming Descriptor, pid: Int32) {
        let isAnother = self.pid != nil
        self.socket = consume socket
        self.pid = pid
        sendListener()
        if isAnother { replaced() }
    }

    /// Gives the read ends of a launch to the holder, until the launch is released.
    package func hold(launch: UInt64, output: Int32, error: Int32) {
        send(pm_keeper_message(kind: PM_HOLD.rawValue, pid: 0, launch: launch, status: 0, version: 0), output, error)
    }

    package func release(_ launch: UInt64) {
        send(pm_keeper_message(kind: PM_RELEASE.rawValue, pid: 0, launch: launch, status: 0, version: 0))
    }

    /// Makes the holder reachable for the next agent with this state directory. Replaces an existing socket.
    package func listen(in directory: String) throws(SystemError) {
        guard pid != nil else { return }
        FileSystem.remove("\(directory)/\(Self.name)")
        let socket = try Descriptor.packetSocket()
        fchmod(socket.number, 0o600)
        try Self.withAddress(of: directory) { address, size throws(SystemError) in
            try System.call("listen in \(directory)") { bind(socket.number, address, size) }
        }
        try System.call("listen in \(directory)") { Glibc.listen(socket.number, 1) }
        listener = consume socket
        sendListener()
    }

    /// Removes the socket, so that the next agent does not take over from this one.
    package func forget(in directory: String) { FileSystem.remove("\(directory)/\(Self.name)") }

    private func sendListener() {
        guard let number = listener?.number else { return }
        send(pm_keeper_message(kind: PM_LISTEN.rawValue, pid: 0, launch: 0, status: 0, version: 0), number)
    }

    private func send(_ message: pm_keeper_message, _ first: Int32 = -1, _ second: Int32 = -1) {
        guard let pid, let number = socket?.number else { return }
        var message = message
        guard pm_keeper_send(number, &message, first, second) != 0, errno == EAGAIN else { return }
        // The holder is stopped or hangs: the keeper starts another one.
        kill(pid, SIGKILL)
        socket = nil
    }

    // MARK: The previous agent

    /// Receives what the previous agent's holder has, and gives it to this agent's holder. The previous holder keeps
    /// it, too, until ``dismissPredecessor()``.
    package func takeOver(from directory: String) -> [KeeperLink.Held] {
        guard let connection = connect(to: directory) else { return [] }
        var held: [KeeperLink.Held] = []
        while true {
            var message = pm_keeper_message()
            var (output, error): (Int32, Int32) = (-1, -1)
            guard pm_keeper_receive(connection.number, &message, &output, &error, 0) > 0,
                pm_keeper_understands(&message) != 0
            else {
                pm_keeper_drop(output, error)
                return held
            }
            switch message.kind {
            // It is this agent's own holder, after the death of a worker.
            case PM_HOLDER.rawValue where message.pid == pid: return []
            case PM_HELD.rawValue where output >= 0 && error >= 0:
                hold(launch: message.launch, output: output, error: error)
                held.append(
                    .init(launch: message.launch, pid: nil, output: output, error: error, isChild: false))
            case PM_READY.rawValue:
                predecessor = consume connection
                return held
            default: pm_keeper_drop(output, error)
            }
        }
    }

    /// Ends the previous agent's holder, unless this agent has no holder.
    package func dismissPredecessor() {
        guard let predecessor = predecessor.take(), socket != nil else { return }
        var message = pm_keeper_message(kind: PM_RELEASE.rawValue, pid: 0, launch: 0, status: 0, version: 0)
        _ = pm_keeper_send(predecessor.number, &message, -1, -1)
    }

    private func connect(to directory: String) -> Descriptor? {
        guard FileSystem.kind(of: "\(directory)/\(Self.name)") != nil, let socket = try? Descriptor.packetSocket()
        else {
            return nil
        }
        pm_limit_wait(socket.number, Self.patience)
        do throws(SystemError) {
            try Self.withAddress(of: directory) { address, size throws(SystemError) in
                try System.call("connect to the pipe holder") { Glibc.connect(socket.number, address, size) }
            }
        } catch { return nil }
        return socket
    }

    /// Uses a path below /proc/self/fd, because the state directory's path may be too long for a socket address.
    private static func withAddress(
        of directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        let folder = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder.number)/\(name)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        try withUnsafePointer(to: address) { pointer throws(SystemError) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(SystemError) in
                try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

extension Descriptor {
    fileprivate static func packetSocket() throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try System.call("make a socket") { socket(AF_UNIX, type, 0) })
    }
}
