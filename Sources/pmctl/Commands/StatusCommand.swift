import ArgumentParser
import LinuxSystem
import Model
import Wire

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows one process in detail.",
        discussion: "Example: pmctl status alpha web")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect()
        defer { bus.close() }
        guard let row = try bus.processes(of: host).first(where: { $0.process.matches(process) }) else {
            throw CommandError.failed("\(process.notFound.detail) (pmctl ps \(host) lists what is there)")
        }
        if options.json { return try Output.write(row.process.json(of: host, isOnline: true)) }
        let card = ProcessCard.make(row.process, of: host, wallClock: WallClock.now)
        try Output.write(card.lines(for: .standardOutput))
    }
}
