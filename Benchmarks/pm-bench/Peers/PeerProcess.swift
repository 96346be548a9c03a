import Glibc
import TestSupport

/// The root process of a peer and its folder.
final class PeerProcess {
    let folder: TemporaryFolder
    private var process: ChildProcess?

    var pid: pid_t { process?.pid ?? 0 }

    init() throws { folder = try TemporaryFolder() }

    func start(_ command: [String]) throws { process = try ChildProcess(command, log: "\(folder.path)/log") }

    /// Waits until it accepts connections at a Unix socket.
    func awaitSocket(_ path: String) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            if let descriptor = UnixSocket.connect(to: path) {
                close(descriptor)
                return
            }
            guard process?.isRunning == true, ContinuousClock.now < deadline else {
                throw BenchError("no listener came up at \(path):\n\(folder.read("log"))")
            }
            poll(nil, 0, 5)
        }
    }

    /// Kills the process and its descendants, parents first, so that no supervisor restarts a child.
    func end() {
        guard let process else { return }
        let below = ProcessTree.descendants(of: process.pid)
        process.end(with: SIGKILL)
        for pid in below { kill(pid, SIGKILL) }
    }
}
