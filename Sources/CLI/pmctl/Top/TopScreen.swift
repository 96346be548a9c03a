import LinuxSystem
import Model

/// The lines of `pmctl top` on a terminal, as many as it has.
struct TopScreen {
    let columns: Int
    let rows: Int
    let hasColor: Bool

    /// The smallest terminal that is drawn for; a smaller one shows a part of it.
    private static let leastRows = 8

    /// - Parameters:
    ///   - scroll: how many processes are above the first line shown. It is bounded.
    ///   - news: a line about the connection; nil if there is none.
    func lines(
        _ model: TopModel, by order: TopOrder, scroll: inout Int, news: String?, at now: Instant, wallClock: Double
    ) -> [String] {
        let terminal = Terminal(width: columns, hasColor: hasColor)
        let all = model.rows(by: order, at: now, wallClock: wallClock)
        let hosts = model.hosts
        let height = max(rows, Self.leastRows)
        // Hosts have a third of the screen at most, those that need attention first.
        let shownHosts = min(hosts.count, max(1, height / 3 - 2))
        var lines = [terminal.paint(Printable.cut(heading(hosts, all, wallClock), to: columns), .bold)]
        lines += TopTable.hosts(Array(hosts.sorted(by: isWorse).prefix(shownHosts)), model, at: now).lines(
            for: terminal)
        if shownHosts < hosts.count { lines.append(faint("and \(hosts.count - shownHosts) more hosts", terminal)) }
        lines.append("")
        let page = max(1, height - lines.count - 2)
        scroll = max(0, min(scroll, all.count - page))
        let shown = Array(all.dropFirst(scroll).prefix(page))
        lines += TopTable.processes(shown).lines(for: terminal)
        while lines.count < height - 1 { lines.append("") }
        lines.append(news.map { terminal.paint(Printable.cut($0, to: columns), .yellow) } ?? footer(order, terminal))
        return Array(lines.prefix(rows))
    }

    /// The number of processes that a page has at most, to scroll by.
    var page: Int { max(1, rows - 8) }

    private func isWorse(_ left: HostReport, _ right: HostReport) -> Bool {
        func rank(_ host: HostReport) -> Int {
            if host.isOnline != true { return 2 }
            return host.health?.verdict == .bad ? 0 : 1
        }
        return (rank(left), left.name.description) < (rank(right), right.name.description)
    }

    private func heading(_ hosts: [HostReport], _ all: [TopModel.Row], _ wallClock: Double) -> String {
        let online = hosts.count { $0.isOnline == true }
        let failed = hosts.reduce(0) { $0 + ($1.isOnline == true ? $1.health?.failed ?? 0 : 0) }
        let state = "\(online) of \(hosts.count) hosts online, \(all.count) processes, \(failed) failed"
        return "pmctl top  \(Quantity.time(wallClock))  \(state)"
    }

    private func footer(_ order: TopOrder, _ terminal: Terminal) -> String {
        let names = TopOrder.Column.allCases.map { column in
            column == order.column ? "[\(column.rawValue)\(order.isReversed ? " up" : "")]" : column.rawValue
        }
        return faint("sort by first letter: \(names.joined(separator: " "))  r reverse  q quit", terminal)
    }

    private func faint(_ text: String, _ terminal: Terminal) -> String {
        terminal.paint(Printable.cut(text, to: columns), .faint)
    }
}
