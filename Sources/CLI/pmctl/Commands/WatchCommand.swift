import ArgumentParser
import LinuxSystem
import Model
import Wire

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Shows changes as they happen, until Ctrl-C.",
        discussion: """
            Example: pmctl watch alpha

            It shows the current state first, without ended processes, then one line per change of a host's status, \
            its health or a process. With --json every message is a line. When the broker restarts, it goes on.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host. (default: all hosts)", completion: .hosts, transform: Arguments.host) var host: HostName?
    @Option(help: ArgumentHelp("End after n lines.", valueName: "n")) var count: Int?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    }

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        do { try watch(bus) } catch CommandError.interrupted {}
    }

    private func watch(_ bus: Bus) throws(CommandError) {
        var fleet = try bus.fleet(filters)
        bus.livesOn = true
        if let host { try bus.requireHost(host, in: fleet) }
        var printer = ChangePrinter(isJSON: options.json, limit: count)
        _ = fleet.takeStale(at: .now)
        try printer.print(fleet.present)
        while !printer.isDone {
            if let message = try bus.next(before: fleet.nextStale) {
                let change = fleet.absorb(message, at: .now, wallClock: WallClock.now)
                try printer.print(change.map { [$0] } ?? [])
            } else {
                try printer.print(fleet.takeStale(at: .now))
            }
        }
    }

    private var filters: [String] {
        guard let host else { return [Topic.everyStatus, Topic.everyHealth, Topic.everyProcess] }
        return ["\(Topic.status(host))", "\(Topic.health(host))", Topic.everyProcess(of: host)]
    }
}

/// Prints changes, at most a given number.
private struct ChangePrinter {
    let isJSON: Bool
    /// Lines left to print; nil if there is no limit.
    private var left: Int?
    private let terminal = Terminal.standardOutput

    init(isJSON: Bool, limit: Int?) {
        self.isJSON = isJSON
        left = limit
    }

    var isDone: Bool { left == 0 }

    mutating func print(_ changes: [Change]) throws(CommandError) {
        for change in changes where !isDone && (change.isNews || isJSON) {
            if isJSON {
                try Output.write(change.json)
            } else {
                try Output.write([ChangeLine.text(change, time: Quantity.time(WallClock.now), for: terminal)])
            }
            left = left.map { $0 - 1 }
        }
    }
}
