import ArgumentParser
import func Glibc.exit
import JSONCodec
import LinuxSystem
import Model

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Shows what hosts and processes use, live.",
        discussion: """
            Example: pmctl top
            Example: pmctl top alpha --once --sort memory

            CPU is that of a process and all that it started: 100% is one processor. FILES are open descriptors. Keys: \
            c, m, t, f, n, h and u sort, r reverses, arrows and the page keys scroll, q quits. --once prints one table \
            and ends. Agents read these figures only while a client asks.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The hosts. (default: all)", completion: .hosts, transform: Arguments.host) var hosts: [HostName] =
        []
    @Flag(help: "Print one table and end.") var once = false
    @Option(help: "What processes are sorted by: cpu, memory, tasks, files, name, host or uptime.") var sort = TopOrder
        .Column.cpu
    @Option(help: ArgumentHelp("Seconds between two readings, 1 to 60.", valueName: "s")) var interval = 2.0

    func validate() throws {
        if !(1...60).contains(interval) { throw ValidationError("--interval must be 1 to 60 seconds") }
    }

    func run() throws {
        let isTerminal = StandardStreams.isTerminal(1) && Environment.value("TERM") != "dumb"
        guard once || isTerminal else {
            throw CommandError.failed("top needs a terminal; pmctl top --once prints one table")
        }
        let bus = try options.connect()
        var signal: Int32 = 0
        do {
            defer { bus.close() }
            // The processor time needs two reports: the sooner they come, the sooner the table is there.
            let loop = try TopLoop(hosts, by: TopOrder(column: sort), interval: once ? 1 : interval, bus)
            if once || options.json { return try printOnce(loop) }
            signal = try loop.draw()
        }
        if signal != 0 { Glibc.exit(128 + signal) }
    }

    private func printOnce(_ loop: TopLoop) throws {
        try loop.readOnce(before: .now + .seconds(options.timeout ?? Limits.topPatience))
        if options.json { return try Output.write(.array(loop.json)) }
        for (index, table) in loop.tables.enumerated() {
            if index > 0 { try Output.write([""]) }
            try Output.write(table.lines(for: .standardOutput))
        }
    }
}
