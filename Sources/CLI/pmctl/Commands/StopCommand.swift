import ArgumentParser
import JSONCodec
import Model
import Wire

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops a process and all that it started.",
        discussion: "Example: pmctl stop alpha web\n\nIt returns when all of them have ended.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        let answer = try bus.request(.killProcess, of: host, ["process_id": process.json])
        try options.show(answer) { _ in "stopped \(process) on \(host)" }
    }
}
