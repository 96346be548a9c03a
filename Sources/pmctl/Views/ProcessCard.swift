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
        card.add("pid", process.pid.map { "\($0)" })
        card.add("uptime", process.uptime(wallClock: wallClock).map(Quantity.duration))
        card.add("started", process.startedAt.map { Quantity.time($0, isFull: true) })
        card.add("exited", process.exitedAt.map { Quantity.time($0, isFull: true) })
        card.add("exit code", process.exit)
        card.add("restarts", process.restarts.map { "\($0)" })
        card.add("driver", process.driver)
        card.add("command", process.command)
        return card
    }
}
