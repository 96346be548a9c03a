import ArgumentParser
import JSONCodec
import Model
import Wire

struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Sends a signal to a process.",
        discussion: "Example: pmctl signal alpha web HUP\n\nTo stop a process and all that it started, use pmctl stop.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget
    @Argument(help: "The signal: its name or its number.", transform: Arguments.signal) var signal: JSON

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect()
        defer { bus.close() }
        let answer = try bus.request(.signalProcess, of: host, ["process_id": process.json, "signal": signal])
        try options.show(answer) { _ in "sent \(ConfigText.text(signal)) to \(process) on \(host)" }
    }
}
