import Drivers
import Glibc
import LinuxSystem

/// A process that has begun before anybody wants it: a launch that is nobody's so far.
final class PrestartedProcess {
    let driver: String
    let edition: Int
    let launch: UInt64
    let tree: ProcessTree
    private let line: Descriptor
    private var handle: ProcessHandle?
    private var ends: Launcher.OutputPipes?
    /// Whether it has come so far that it need only be woken.
    private(set) var isReady = false
    private(set) var hasEnded = false
    /// Of what it has been woken as.
    private(set) var arguments: [String] = []

    /// - Parameter line: to the process, which says a word on it when it is ready.
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

    /// Readable when the process has something to say, or has ended.
    var number: Int32 { line.number }

    /// - Returns: false when it has ended.
    func hear() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(line.number, &bytes, bytes.count, 0)
        if count > 0 { isReady = true }
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// - Returns: whether it has been told, and there was somebody to tell: what it has started may hear for it a while
    ///   longer.
    func wake(_ call: PrestartAssignment) -> Bool {
        guard handle?.hasEnded == false else { return false }
        arguments = call.arguments
        let bytes = call.bytes
        return bytes.withUnsafeBytes { send(line.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
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

    /// What is held of it, which is the caller's from now on.
    func takeHandle() -> ProcessHandle? { handle.take() }
    func takePipes() -> Launcher.OutputPipes? { ends.take() }
}
