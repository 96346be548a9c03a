import ArgumentParser
import JSONCodec
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
        let report = try bus.process(process, of: host)
        if options.json { return try Output.write(report.json(of: host, isOnline: true)) }
        let card = ProcessCard.make(report, of: host, wallClock: report.saidAt ?? WallClock.now)
        try Output.write(card.lines(for: .standardOutput))
    }
}

extension Bus {
    /// One process of a host, with its config unless the agent is too old to know `get_process`.
    func process(_ process: ProcessReference, of host: HostName) throws(CommandError) -> ProcessReport {
        let answer = try request(.getProcess, of: host, ["process_id": process.json])
        let code = answer.result["error"]?["code"]?.string
        var report = answer.result["process"].flatMap(ProcessReport.init)
        if code == ErrorCode.unknownMethod.rawValue {
            report = try processes(of: host).map(\.process).first { $0.matches(process) }
        } else if code != ErrorCode.noSuchProcess.rawValue, let refusal = answer.refusal {
            throw .failed(refusal)
        }
        guard let report else {
            throw .failed("\(process.notFound.detail) (pmctl ps \(host) lists its processes)")
        }
        return report
    }
}
