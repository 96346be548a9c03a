import var Glibc.O_WRONLY
import LinuxSystem

/// The descriptors that a process, or the command of a health check, is started with.
final class LaunchStreams {
    /// Number -1: the process gets /dev/null.
    private let input: Descriptor
    private var output: LogPipe?
    private var error: LogPipe?
    private var notification: LogPipe?
    /// The pipe of a check, which has no other.
    private var check: ProgramPipe?
    /// Further descriptors, kept open for the child.
    let others: [(descriptor: SharedDescriptor, target: Int32)]

    /// - Parameters:
    ///   - input: nil is /dev/null.
    ///   - others: duplicated; the caller keeps its own.
    init(input: consuming Descriptor?, others: [DescriptorPlace]) {
        self.input = input ?? Descriptor(owning: -1)
        self.others = others.map { (SharedDescriptor(Descriptor(copying: $0.descriptor)), $0.target) }
    }

    /// Makes the pipes for stdout and stderr of a process.
    ///
    /// - Parameter notifies: whether to make a third pipe, on which the process reports that it is ready.
    func open(notifies: Bool) throws(SystemError) {
        output = try LogPipe()
        error = try LogPipe()
        if notifies { notification = try LogPipe.withReader() }
    }

    /// Makes the pipe for both stdout and stderr of a check.
    func open(for account: Account?) throws(SystemError) { check = try ProgramPipe(program: O_WRONLY, of: account) }

    /// The program's descriptors 0, 1 and 2; nil is /dev/null.
    var standard: (input: Int32?, output: Int32?, error: Int32?) {
        let check = check?.program.number
        return (
            input.number < 0 ? nil : input.number, output?.childEnd.number ?? check, error?.childEnd.number ?? check
        )
    }

    var logEnds: (output: Int32, error: Int32)? {
        guard let output = output?.readEnd.number, let error = error?.readEnd.number else { return nil }
        return (output, error)
    }

    var notificationEnd: Int32? { notification?.childEnd.number }

    // MARK: After the start

    func takePipes() -> Launcher.OutputPipes? {
        guard let output = output.take(), let error = error.take() else { return nil }
        let notification = notification.take()
        return Launcher.OutputPipes(
            output: output.takeReadEnd(), error: error.takeReadEnd(), notification: notification?.takeReadEnd())
    }

    func takeCheckPipe() -> Descriptor? { check.take()?.takeOwn() }
}

/// A descriptor with several owners.
final class SharedDescriptor {
    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    var number: Int32 { descriptor.number }
}
