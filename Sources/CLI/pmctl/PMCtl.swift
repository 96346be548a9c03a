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

            Exit codes: 0: success. 100: usage error. 111: failure (no broker, no such host, no answer, refused).
            Shell completions: pmctl --generate-completion-script bash (or zsh, fish)
            """,
        version: Version.current,
        subcommands: [
            HostsCommand.self, PsCommand.self, StartCommand.self, StopCommand.self, ResetCommand.self,
            SignalCommand.self, RemoveCommand.self, StatusCommand.self, LogsCommand.self, ApplyCommand.self,
            HealthCommand.self, WatchCommand.self, ShutdownCommand.self, ForgetCommand.self,
            NodeCommand.self, VMCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    static func main() {
        do {
            try GlobalOptions.refuseRepetition(in: CommandLine.arguments)
            var command = try parseAsRoot()
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
        var reason = message(for: error).split(separator: "\n").joined(separator: " ")
        if reason.last == "." { reason.removeLast() }
        // Error lines begin in lower case, but a name such as PM_BROKER is kept.
        if reason.dropFirst().first?.isLowercase == true { reason = reason.prefix(1).lowercased() + reason.dropFirst() }
        complain(reason + hint(in: text))
        Glibc.exit(CommandError.usageExitCode)
    }

    /// " (see pmctl start --help)", taken from ArgumentParser's "See 'pmctl start --help' for more information."
    private static func hint(in text: String) -> String {
        let quoted = text.split(separator: "'").last { $0.hasPrefix("pmctl ") && $0.hasSuffix("--help") }
        return quoted.map { " (see \($0))" } ?? ""
    }

    private static func complain(_ text: String) { Output.complain("pmctl: \(Printable.line(text))") }
}
