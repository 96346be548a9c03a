import ArgumentParser
import JSONCodec
import Model
import Wire

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Removes a process that has ended from a host.",
        discussion: "Example: pmctl rm alpha job-1\n\nIts logs are deleted too.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect()
        defer { bus.close() }
        let answer = try bus.request(.removeProcess, of: host, ["process_id": process.json])
        try options.show(answer) { _ in "removed \(process) on \(host)" }
    }
}
