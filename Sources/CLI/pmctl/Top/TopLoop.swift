import var Glibc.SIGCONT
import var Glibc.SIGHUP
import var Glibc.SIGINT
import var Glibc.SIGQUIT
import var Glibc.SIGTERM
import var Glibc.SIGTSTP
import var Glibc.SIGWINCH
import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// `pmctl top`: reads what hosts publish, and draws it.
final class TopLoop {
    private let bus: Bus
    private let followers: UsageSubscription
    private var model = TopModel()
    private var order: TopOrder
    private var scroll = 0
    private var news: String?
    private var connection: Int
    /// A signal that ends pmctl, or 0 for a key that does.
    private var end: Int32?
    /// When the screen is drawn next.
    private var redraw = Instant.now
    private let mode = TerminalMode()
    private let keyboard = Descriptor(copying: 0)

    /// Seconds between two drawings, unless a key was pressed.
    private static let pause = 0.5

    /// - Parameters:
    ///   - hosts: none: all.
    ///   - interval: seconds between two readings.
    init(_ hosts: [HostName], by order: TopOrder, interval: Double, _ bus: Bus) throws(CommandError) {
        self.bus = bus
        self.order = order
        followers = UsageSubscription(bus, interval: interval)
        connection = bus.connections
        for message in try bus.retained(Self.filters(hosts)) { take(message) }
        for host in hosts { try bus.requireHost(host, in: model.fleet) }
        bus.livesOn = true
    }

    private static func filters(_ hosts: [HostName]) -> [String] {
        let all = [Topic.everyStatus, Topic.everyHealth, Topic.everyProcess, Topic.everyUsage] + Topic.hubsJudgements
        guard !hosts.isEmpty else { return all }
        return ["\(Topic.hub(.status))"]
            + hosts.flatMap { host in
                let topics: [Topic] = [.status(host), .health(host), .usage(host), .hubHost(host)]
                return topics.map { "\($0)" } + [Topic.everyProcess(of: host)]
            }
    }

    private func take(_ message: Message) {
        if let host = followers.refusal(message) { model.tooOld.insert(host) }
        model.absorb(message, at: .now, wallClock: WallClock.now)
        // An agent that was restarted has forgotten its followers.
        if case .status(let host) = Topic(message.topic), message.text == "online" { followers.follow(host) }
    }

    private func lookAtClock() {
        if bus.connections != connection {
            connection = bus.connections
            followers.renew()
        }
        followers.renewIfDue()
    }

    // MARK: One table

    /// Waits until each host has sent two reports, or until `deadline`.
    func readOnce(before deadline: Instant) throws(CommandError) {
        defer { followers.end() }
        while deadline > .now, !model.hosts.allSatisfy({ model.isComplete($0.name) }) {
            if let message = try bus.next(before: deadline) { take(message) }
            lookAtClock()
        }
    }

    var tables: [Table] {
        let rows = model.rows(by: order, at: .now, wallClock: WallClock.now)
        return [TopTable.hosts(model.hosts, model, at: .now), TopTable.processes(rows)]
    }

    /// One object for each process: its entry, with `host`, `cpu` in processors, and `usage`.
    var json: [JSON] {
        model.rows(by: order, at: .now, wallClock: WallClock.now).map { row in
            var json = row.process.json(of: row.host, isOnline: true, isStale: !row.isKnown)
            if let cpu = row.cpu { json = json.setting("cpu", .number(cpu)) }
            return row.usage.map { json.setting("usage", $0.json) } ?? json
        }
    }

    // MARK: A screen

    /// Draws until a key or a signal ends it. The terminal is as before then.
    ///
    /// - Returns: the signal; 0 for a key or Ctrl-C.
    func draw() throws(CommandError) -> Int32 {
        bus.tell = { [unowned self] in news = $0.hasPrefix("connected") ? nil : $0 }
        try bus.handleSignals([SIGWINCH, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT]) { [unowned self] in handle($0) }
        // Terminals that are lost end pmctl by SIGHUP.
        if mode != nil { bus.watch(keyboard.number) { [unowned self] in readKeys() } }
        enter()
        defer {
            followers.end()
            leave()
        }
        while end == nil {
            if redraw <= .now { try show() }
            if let message = try bus.next(before: min(redraw, followers.renewal ?? redraw)) { take(message) }
            lookAtClock()
        }
        return end ?? 0
    }

    private func handle(_ signal: Int32) {
        switch signal {
        case SIGWINCH: redraw = .now
        case SIGTSTP:
            leave()
            TerminalMode.suspend()
            enter()
        case SIGCONT: enter()
        case SIGINT: end = 0
        default: end = signal
        }
    }

    private func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 256)
        guard let count = try? keyboard.take(into: &bytes, from: "the terminal"), count > 0 else {
            // Ctrl-D has no meaning here; a terminal that has gone would be ready for ever.
            return bus.unwatch(keyboard.number)
        }
        let page = screen.page
        for key in TopKey.parse(Array(bytes.prefix(count))) {
            switch key {
            case .sort(let column): order = TopOrder(column: column)
            case .reverse: order.isReversed.toggle()
            case .quit: end = 0
            case .up: scroll -= 1
            case .down: scroll += 1
            case .pageUp: scroll -= page
            case .pageDown: scroll += page
            case .first: scroll = 0
            case .last: scroll = .max / 2
            }
        }
        redraw = .now
    }

    private var screen: TopScreen {
        TopScreen(
            columns: StandardStreams.columns ?? 80, rows: StandardStreams.rows ?? 24,
            hasColor: Terminal.standardOutput.hasColor)
    }

    private func show() throws(CommandError) {
        redraw = .now + .seconds(Self.pause)
        let lines = screen.lines(
            model, by: order, scroll: &scroll, news: news, at: .now, wallClock: WallClock.now)
        // Each line is written over and its rest cleared, so that nothing flickers.
        try Output.write(control: "\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
    }

    /// The alternate screen, without a cursor.
    private func enter() {
        mode?.readKeys()
        try? Output.write(control: "\u{1B}[?1049h\u{1B}[?25l")
        redraw = .now
    }

    private func leave() {
        try? Output.write(control: "\u{1B}[?25h\u{1B}[?1049l")
        mode?.restore()
    }
}
