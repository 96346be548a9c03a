import ArgumentParser
import JSONCodec
import Model
import Wire

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Removes processes that have ended.",
        discussion: "Example: pmctl rm alpha job-1\n\nTheir logs are deleted too.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: ProcessTargets

    func run() throws {
        try ProcessAction(
            method: .removeProcess, applies: \.isEnded, line: { "removed \($1) on \($2)" }
        ).run(target.targets, options, timeout: GlobalOptions.defaultTimeout)
    }
}
