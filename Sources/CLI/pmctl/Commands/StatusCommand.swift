import ArgumentParser
import JSONCodec
import LinuxSystem
import Model
import Wire

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows one process in detail.",
        discussion: """
            Example: pmctl status alpha web

            The exit code is 0 if it runs, \(ExitReason.badHealth.rawValue) if it is unhealthy, \
            \(ExitReason.failedProcess.rawValue) if it has failed, and \(ExitReason.notRunning.rawValue) if it does not \
            run otherwise.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTarget

    func run() throws {
        let (host, process) = (target.host, target.process)
        let bus = try options.connect()
        defer { bus.close() }
        let report = try bus.process(process, of: host)
        if options.json {
            try Output.write(report.json(of: host, isOnline: true))
        } else {
            let card = ProcessCard.make(report, of: host, wallClock: report.saidAt ?? WallClock.now)
            try Output.write(card.lines(for: .standardOutput))
        }
        if let reason = report.ill { throw CommandError.told(reason) }
    }
}

extension Bus {
    /// One process of a host, with its config unless the agent is too old to know `get_process`, or the broker lets the
    /// user only ask for the list.
    func process(_ process: ProcessReference, of host: HostName) throws(CommandError) -> ProcessReport {
        try requireOnline(host)
        let report: ProcessReport?
        let request = Gathering.Request(host: host, method: .getProcess, arguments: ["process_id": process.json])
        switch try outcome(of: request) {
        case .success(let answer) where answer.error == nil:
            report = answer.result["process"].flatMap(ProcessReport.init)
        case .success(let answer) where answer.code == .noSuchProcess: report = nil
        case .success(let answer) where answer.code == .unknownMethod: report = try listed(process, of: host)
        case .success(let answer): throw answer.error ?? .told(.failure)
        case .failure(let error):
            guard error.reason == .denied else { throw error }
            report = try listed(process, of: host)
        }
        if let report { return report }
        let text = process.notFound.detail
        if case .id(let id) = process, let near = try near(id, on: host) {
            throw .failed("\(text), did you mean \(near)?", .missing)
        }
        throw .failed("\(text) (pmctl ps \(host) lists its processes)", .missing)
    }

    private func listed(_ process: ProcessReference, of host: HostName) throws(CommandError) -> ProcessReport? {
        try processes(of: host).map(\.process).first { $0.matches(process) }
    }
}
