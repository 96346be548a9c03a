import Drivers
import var Glibc.SIGKILL
import LinuxSystem
import Model

/// A launch that belongs to no ``ManagedProcess`` yet, and waits on a socket to be assigned to one.
final class PrestartedProcess {
    let driver: String
    let edition: Int
    let launch: UInt64
    let tree: ProcessTree
    private let line: Descriptor
    private var handle: ProcessHandle?
    private var ends: Launcher.OutputPipes?
    /// Whether it has reported that it can be assigned.
    private(set) var isReady = false
    private(set) var hasEnded = false
    /// argv of the process that it was assigned to.
    private var arguments: [String] = []

    /// - Parameter line: the socket to the process, which writes to it when it is ready.
    init(
        driver: String, edition: Int, launch: UInt64, tree: ProcessTree, line: consuming Descriptor,
        handle: consuming ProcessHandle, ends: consuming Launcher.OutputPipes
    ) {
        self.driver = driver
        self.edition = edition
        self.launch = launch
        tree.begin(with: handle)
        self.tree = tree
        self.line = line
        self.handle = consume handle
        self.ends = consume ends
    }

    /// The descriptor of the socket; readable when the process has written or ended.
    var number: Int32 { line.number }

    /// Reads from the socket.
    ///
    /// - Returns: false when the process has ended.
    func hear() -> Bool {
        guard let bytes = line.receive(limit: 256) else { return false }
        if !bytes.isEmpty { isReady = true }
        return true
    }

    /// Sends the assignment.
    ///
    /// - Returns: whether the main process lived and all was sent. After its end a descendant may still hold the socket
    ///   open, so a successful send alone proves nothing.
    func wake(_ call: PrestartAssignment) -> Bool {
        guard handle?.hasEnded == false else { return false }
        arguments = call.arguments
        return (try? line.send(call.bytes[...])) == call.bytes.count
    }

    func hold(by holder: PipeHolderClient) {
        guard let output = ends?.output.number, let error = ends?.error.number else { return }
        holder.hold(launch: launch, output: output, error: error)
    }

    func kill() {
        tree.kill()
        handle?.signal(SIGKILL)
    }

    func ended() {
        hasEnded = true
        tree.mainEnded()
    }

    /// Passes what the process needs that it was assigned to, once. It keeps its launch number.
    func take() throws(Failure) -> Launched {
        guard let pipes = ends.take(), let handle = handle.take() else {
            throw Failure(.internal, "its output pipes are already taken")
        }
        return Launched(handle: handle, tree: tree, arguments: arguments, pipes: pipes)
    }
}
