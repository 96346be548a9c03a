import LinuxSystem
import Logs
import Model

/// The output of one process: drains its two pipes into its log files, and passes the bytes to subscribers.
final class ProcessOutput {
    /// Where the log files of a process are, and their rules.
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
    private let subscriptions: OutputSubscriptions
    private weak var supervisor: Supervisor?

    /// - Parameters:
    ///   - isNew: whether nothing has come through the pipes yet; false for an adopted process.
    ///   - supervisor: gets the beginning and the end of each outage of a log.
    init(
        _ place: Place, isNew: Bool, output: consuming Descriptor, error: consuming Descriptor, supervisor: Supervisor
    ) throws(SystemError) {
        self.place = place
        loop = supervisor.loop
        subscriptions = supervisor.subscriptions
        self.supervisor = supervisor
        self.output = OutputStream(output, isNew: isNew)
        self.error = OutputStream(error, isNew: isNew)
        try loop.watch(self.output.number, for: .read) { [unowned self] _ in drain(.stdout) }
        try loop.watch(self.error.number, for: .read) { [unowned self] _ in drain(.stderr) }
    }

    /// Writes to other files, or by other rules, from now on.
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
        subscriptions[place.id].map { subscribers in { subscribers.see($0, on: stream) } }
    }

    /// Takes what is left in the pipes. To be called when no process of the tree can write any more.
    func finish() {
        for stream in LogStream.allCases {
            let source = self.stream(stream)
            loop.unwatch(source.number)
            let result = source.finish(into: place.files(of: stream), tap: tap(of: stream))
            if result?.change != nil { supervisor?.logOutageChanged(place.id, stream, source.writer?.outage) }
        }
        subscriptions[place.id]?.ended()
    }
}
