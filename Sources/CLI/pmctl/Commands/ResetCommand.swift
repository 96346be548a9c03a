import ArgumentParser
import JSONCodec
import Model
import Wire

struct ResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Stops a process and starts it again.",
        discussion: "Example: pmctl reset alpha web")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        let answer = try bus.request(.resetProcess, of: host, ["process_id": process.json])
        try options.show(answer) { result in
            let id = result["process_id"]?.string ?? "\(process)"
            return "reset \(id) on \(host)\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        }
    }
}
