import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// The console of a VM, which is the log of the process on its host that it is, through all that happens to either.
final class Console {
    private let vm: HostName
    private let lines: Int
    private let bus: Bus
    private let printer: LogPrinter
    /// Whether a person sees what becomes of the VM.
    private let showsStates: Bool

    /// Once the VM has one.
    private var host: HostName?
    private var hasShownPast = false
    /// Requests that are not answered yet.
    private var excerpt: String?
    private var following: String?
    private var wasGranted = false
    /// When to ask again.
    private var deadline: Instant?
    private var lastLine: String?

    init(of vm: HostName, lines: Int, bus: Bus, isJSON: Bool) {
        self.vm = vm
        self.lines = lines
        self.bus = bus
        printer = LogPrinter(isJSON: isJSON)
        showsStates = !isJSON && Terminal.isInteractive
    }

    /// Until it is interrupted, or the VM is gone.
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
        return .failed("no such vm: \(vm) (\(others.isEmpty ? "pm-cluster has none" : "vms: \(list)"))")
    }

    private func take(_ message: Message) throws(CommandError) {
        if let excerpt, let answer = Answer(message, inbox: bus.inbox, id: excerpt) { return try showPast(answer) }
        if let following, let answer = Answer(message, inbox: bus.inbox, id: following) { return try follow(answer) }
        switch Topic(message.topic) {
        case .clusterState(.vm, vm):
            guard !message.payload.isEmpty else { throw .failed("vm \(vm) is gone") }
            if let state = message.json { note(state) }
        case .status(let host) where host == self.host:
            // An agent that is started anew knows of nobody who looks on.
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
            // What is retained there comes at once.
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
            // Its host has yet to start it, or does so again.
            guard answer.code == .noSuchProcess else { throw .failed(refusal) }
            return deadline = .now + .seconds(1)
        }
        wasGranted = true
        let seconds = answer.result["seconds"]?.number ?? Limits.followTime
        deadline = .now + .seconds(max(1, min(seconds, Limits.longestFollow)) / 2)
    }
}
