import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `pmctl vm console`: prints the console of a VM until Ctrl-C or until the VM is removed.
///
/// A VM is a process of its host, and its console is the log of that process. The console reads the VM's host from the
/// state that pm-cluster retains. Then it fetches the last lines (`get_log`), follows the log (`follow_log`) and
/// renews that before it expires. It starts over when the host's agent restarts, and retries while the host does not
/// run the process. The log of the VM's process survives resets of the VM.
final class Console {
    private let vm: HostName
    private let lines: Int
    private let bus: Bus
    private let printer: LogPrinter
    /// Whether changes of the VM's state are shown on stderr.
    private let showsStates: Bool

    /// The VM's host; nil until pm-cluster has assigned one.
    private var host: HostName?
    private var hasShownPast = false
    /// Ids of the requests without an answer: `get_log` and `follow_log`.
    private var excerpt: String?
    private var following: String?
    private var wasGranted = false
    /// When to repeat the requests.
    private var deadline: Instant?
    private var lastLine: String?

    init(of vm: HostName, lines: Int, bus: Bus, isJSON: Bool) {
        self.vm = vm
        self.lines = lines
        self.bus = bus
        printer = LogPrinter(isJSON: isJSON)
        showsStates = !isJSON && Terminal.isInteractive
    }

    /// Returns when it is interrupted. Throws when the VM is gone.
    func show() throws(CommandError) {
        do throws(CommandError) { try showAll() } catch {
            if error != .interrupted { throw error }
        }
    }

    private func showAll() throws(CommandError) {
        let states = try bus.retained(["\(Topic.clusterState(.vm, vm))"])
        guard let state = states.last, !state.payload.isEmpty else { throw try unknown() }
        try take(state)
        while true {
            if let message = try bus.next(before: deadline) { try take(message) } else { try askAgain() }
        }
    }

    private func unknown() throws(CommandError) -> CommandError {
        let others = try bus.retained([Topic.everyState(of: .vm)]).compactMap { message -> String? in
            guard case .clusterState(.vm, let id) = Topic(message.topic) else { return nil }
            return id.description
        }
        let list = others.prefix(8).joined(separator: ", ") + (others.count > 8 ? ", …" : "")
        return .failed("no such vm: \(vm) (\(others.isEmpty ? "pm-cluster has none" : "vms: \(list)"))", .missing)
    }

    private func take(_ message: Message) throws(CommandError) {
        if let excerpt, let answer = Answer(message, inbox: bus.inbox, id: excerpt) { return try showPast(answer) }
        if let following, let answer = Answer(message, inbox: bus.inbox, id: following) { return try follow(answer) }
        switch Topic(message.topic) {
        case .clusterState(.vm, vm):
            guard !message.payload.isEmpty else { throw .failed("vm \(vm) is gone") }
            if let state = message.json { note(state) }
        case .status(let host) where host == self.host:
            // An agent that was restarted has forgotten its followers.
            if message.text == "online" { ask() } else { deadline = nil }
        case .log(let host, vm.name, let stream) where host == self.host:
            try printer.print(LogPrinter.lines(of: message.text), of: stream)
        default: break
        }
    }

    private func note(_ state: JSON) {
        if host == nil, let host = state["host"]?.string.flatMap(HostName.init) {
            self.host = host
            for stream in LogStream.allCases { bus.subscribe("\(Topic.log(host, vm.name, stream))") }
            // The retained status arrives at once.
            bus.subscribe("\(Topic.status(host))")
        }
        let line = InstanceLine.text(vm, state)
        if showsStates, line != lastLine { Output.complain(Printable.line(line)) }
        lastLine = line
    }

    private func ask() {
        guard let host else { return }
        let process: JSON = .string(vm.description)
        if !hasShownPast {
            excerpt = bus.send(.getLog, to: host, ["process_id": process, "lines": .number(lines)])
        }
        following = bus.send(.followLog, to: host, ["process_id": process])
        deadline = bus.answerDeadline
    }

    private func askAgain() throws(CommandError) {
        if following != nil, !wasGranted, let host { throw bus.silence(of: "host \(host)") }
        ask()
    }

    private func showPast(_ answer: Answer) throws(CommandError) {
        excerpt = nil
        guard answer.refusal == nil else { return }
        hasShownPast = true
        for stream in LogStream.allCases {
            try printer.print((answer.result[stream.rawValue]?.array ?? []).compactMap(\.string), of: stream)
        }
    }

    private func follow(_ answer: Answer) throws(CommandError) {
        following = nil
        if let refusal = answer.refusal {
            // The host has not started the VM yet, or is restarting it.
            guard answer.code == .noSuchProcess else { throw .failed(refusal) }
            return deadline = .now + .seconds(1)
        }
        wasGranted = true
        let seconds = answer.result["seconds"]?.number ?? Limits.followTime
        deadline = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
    }
}
