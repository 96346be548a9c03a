import JSONCodec
import Model

/// `pmctl status`: one process in detail.
enum ProcessCard {
    static func make(_ process: ProcessReport, of host: HostName, wallClock: Double) -> Card {
        var card = Card()
        card.add("process", process.id)
        card.add("host", host.description)
        card.add("state", process.stateCell())
        card.add("wanted", process.want)
        card.add("error", process.error.map { Cell($0, .red) })
        if !process.waitsFor.isEmpty { card.add("waits for", process.waitsFor.joined(separator: " ")) }
        card.add("healthy", process.isHealthy.map { $0 ? Cell("yes", .green) : Cell("no", .red) })
        card.add("pid", process.pid.map { "\($0)" })
        card.add("uptime", process.uptime(wallClock: wallClock).map(Quantity.duration))
        card.add("started", process.startedAt.map { Quantity.time($0, isFull: true) })
        card.add("exited", process.exitedAt.map { Quantity.time($0, isFull: true) })
        card.add("exit code", process.exit)
        card.add("left behind", process.leftBehind.map { "\($0)" })
        card.add("next", process.nextStart.map { Quantity.time($0, isFull: true) })
        card.add("restarts", process.restarts.map { "\($0)" })
        card.add("runs", process.runs.map { "\($0)" })
        card.add("driver", process.driver)
        card.add("command", process.command)
        for member in process.config?.members ?? [] where !told.contains(member.key) {
            card.add(member.key, Printable.cut(ConfigText.text(member.value), to: width))
        }
        return card
    }

    /// Fields of a config that the card shows in other words.
    private static let told: Set<String> = ["name", "driver", "command", "args"]
    /// The maximum width of a config field in columns: the text for stdin, for example, can be long.
    private static let width = 120
}
