import ArgumentParser
import JSONCodec
import Model
import Wire

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops processes and all that they started.",
        discussion: """
            Example: pmctl stop alpha web
            Example: pmctl stop 'edge-*' 'web-*'

            It returns when all of them have ended. A process that does not run is left alone: that is a success.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTargets

    func run() throws {
        try ProcessAction(
            method: .killProcess, applies: { !$0.isEnded || $0.want == Want.up.rawValue },
            line: { "stopped \($1) on \($2)" },
            excuse: { answer, target in
                guard answer.code == .noSuchProcess, let report = target.report else { return nil }
                return "\(report.id) is not running on \(target.host)"
            }
        ).run(target.targets, options, timeout: GlobalOptions.stopTimeout)
    }
}
