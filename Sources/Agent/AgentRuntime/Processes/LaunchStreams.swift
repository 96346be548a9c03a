import Glibc
import LinuxSystem

/// What a process, or the command of a check, is connected with.
final class LaunchStreams {
    /// Number -1 is nothing to read.
    private let input: Descriptor
    private var output: LogPipe?
    private var error: LogPipe?
    private var notification: LogPipe?
    /// In the place of the others, of a check.
    private var check: ProgramPipe?
    /// Beside these; they stay open for the child.
    let others: [(descriptor: SharedDescriptor, target: Int32)]

    /// - Parameters:
    ///   - input: nil is nothing to read.
    ///   - others: borrowed for now only.
    init(input: consuming Descriptor?, others: [DescriptorPlace]) {
        self.input = input ?? Descriptor(owning: -1)
        self.others = others.map { (SharedDescriptor(Descriptor(owning: dup($0.descriptor))), $0.target) }
    }

    /// Makes the pipes of what a process writes.
    ///
    /// - Parameter notifies: whether there is one more, on which it says that it is ready.
    func open(notifies: Bool) throws(SystemError) {
        output = try LogPipe()
        error = try LogPipe()
        if notifies { notification = try LogPipe.withReader() }
    }

    /// Makes the pipe of all that a check writes.
    func open(for account: Account?) throws(SystemError) { check = try ProgramPipe(program: O_WRONLY, of: account) }

    /// What the program has as 0, 1 and 2, where there is something.
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

    // MARK: Once the program has its ends

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
