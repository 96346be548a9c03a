import ArgumentParser
import JSONCodec
import Model
import Wire

struct ResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Stops processes and starts them again.",
        discussion: """
            Example: pmctl reset alpha web
            Example: pmctl restart 'edge-*' --all --label rack=7

            A process that has ended is started if it is named. Patterns and --all leave such processes alone.
            """,
        aliases: ["restart"])

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTargets

    func run() throws {
        try ProcessAction(
            method: .resetProcess, applies: { !$0.isEnded || $0.want == Want.up.rawValue },
            line: { "reset \($1) on \($2)\($0.pidText)" }
        ).run(target.targets, options, timeout: GlobalOptions.stopTimeout)
    }
}
