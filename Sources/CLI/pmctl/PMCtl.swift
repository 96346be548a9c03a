import ArgumentParser
import func Glibc.exit
import Model

/// The root command: the options that may precede the subcommand, and the exit code and error line of every failure.
@main
struct PMCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pmctl",
        abstract: "Manages the processes of a fleet over MQTT.",
        discussion: """
            Example: pmctl --broker mqtt://broker.local hosts

            Exit codes: 0: success. \(ExitReason.list). \(CommandError.usageExitCode): usage error.
            Shell completions: pmctl --generate-completion-script bash (or zsh, fish)
            """,
        version: Version.current,
        subcommands: [
            HostsCommand.self, PsCommand.self, StartCommand.self, StopCommand.self, ResetCommand.self,
            SignalCommand.self, RemoveCommand.self, StatusCommand.self, LogsCommand.self, ApplyCommand.self,
            HealthCommand.self, WatchCommand.self, ShutdownCommand.self, ForgetCommand.self,
            RunCommand.self, TopCommand.self, EventsCommand.self, InfoCommand.self, GetCommand.self,
            DoctorCommand.self, ContextCommand.self, NodeCommand.self, VMCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    static func main() {
        do {
            try GlobalOptions.refuseRepetition(in: CommandLine.arguments)
            let arguments = Array(CommandLine.arguments.dropFirst())
            let isStart = GlobalOptions.words(in: arguments).first == StartCommand.configuration.commandName
            var command = try parseAsRoot(isStart ? StartCommand.separated(arguments) : arguments)
            try command.run()
        } catch let error as CommandError {
            end(error)
        } catch {
            endParsing(error)
        }
    }

    private static func end(_ error: CommandError) -> Never {
        if let text = error.text { complain(text) }
        Glibc.exit(error.exitCode)
    }

    /// Handles what ArgumentParser throws: a usage error, or a request for help, the version or a completion script.
    private static func endParsing(_ error: any Error) -> Never {
        let text = fullMessage(for: error)
        if exitCode(for: error).isSuccess {
            print(text)
            Glibc.exit(0)
        }
        complain(
            UsageError.text(
                message: message(for: error), help: text, arguments: Array(CommandLine.arguments.dropFirst())))
        Glibc.exit(CommandError.usageExitCode)
    }

    private static func complain(_ text: String) { Output.complain("pmctl: \(Printable.line(text))") }
}
