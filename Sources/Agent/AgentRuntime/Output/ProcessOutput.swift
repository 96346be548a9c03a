import LinuxSystem
import Logs
import Model

/// What one process writes: its two pipes, drained into its files as it comes.
final class ProcessOutput {
    /// Where the output of a process goes.
    struct Place {
        let id: Name
        let rules: LogRules
        let directory: String

        func files(of stream: LogStream) -> LogFiles {
            LogFiles(directory: directory, name: "\(id).\(stream.rawValue)", rules: rules)
        }
    }

    private var place: Place
    private let loop: EventLoop
    private let output: OutputStream
    private let error: OutputStream
    private weak var supervisor: Supervisor?
    /// Who looks on; most processes have nobody.
    var subscribers: OutputSubscribers?

    /// - Parameters:
    ///   - isNew: whether the process begins with this, as one that is adopted does not.
    ///   - supervisor: told when a stream can no longer be written, or can again.
    init(
        _ place: Place, isNew: Bool, output: consuming Descriptor, error: consuming Descriptor, loop: EventLoop,
        supervisor: Supervisor
    ) throws(SystemError) {
        self.place = place
        self.loop = loop
        self.supervisor = supervisor
        self.output = OutputStream(output, isNew: isNew)
        self.error = OutputStream(error, isNew: isNew)
        try loop.watch(self.output.number, for: .read) { [unowned self] _ in drain(.stdout) }
        try loop.watch(self.error.number, for: .read) { [unowned self] _ in drain(.stderr) }
    }

    /// Has what comes from now on go there.
    func use(_ place: Place) {
        self.place = place
        for stream in LogStream.allCases { self.stream(stream).writer?.use(place.files(of: stream)) }
    }

    func hold(by holder: PipeHolderClient, as launch: UInt64) {
        holder.hold(launch: launch, output: output.number, error: error.number)
    }

    private func stream(_ stream: LogStream) -> OutputStream { stream == .stdout ? output : error }

    private func drain(_ stream: LogStream) {
        let source = self.stream(stream)
        let result = source.drain(into: place.files(of: stream), tap: tap(of: stream))
        if result.change != nil { supervisor?.logOutageChanged(place.id, stream, source.writer?.outage) }
        if result.rest == .ended { loop.unwatch(source.number) }
    }

    private func tap(of stream: LogStream) -> LogWriter.Tap? {
        subscribers.map { subscribers in { subscribers.see($0, on: stream) } }
    }

    /// Takes what is left in the pipes, once all that could write is gone.
    func finish() {
        for stream in LogStream.allCases {
            let source = self.stream(stream)
            loop.unwatch(source.number)
            let result = source.finish(into: place.files(of: stream), tap: tap(of: stream))
            if result?.change != nil { supervisor?.logOutageChanged(place.id, stream, source.writer?.outage) }
        }
        subscribers?.ended()
    }
}
