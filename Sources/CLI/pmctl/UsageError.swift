import ArgumentParser

/// The line for an error of ArgumentParser, with a better guess of what was meant.
enum UsageError {
    /// - Parameters:
    ///   - message: the error, one sentence.
    ///   - help: the same with the usage and "See 'pmctl start --help' for more information."
    ///   - arguments: those of pmctl.
    static func text(message: String, help: String, arguments: [String]) -> String {
        let pointer = help.split(separator: "'").last { $0.hasPrefix("pmctl") && $0.hasSuffix("--help") }
        var (command, depth): (any ParsableCommand.Type, Int) = (PMCtl.self, 0)
        for word in GlobalOptions.words(in: arguments) {
            guard let next = command.command(named: word) else { break }
            (command, depth) = (next, depth + 1)
        }
        let reason =
            unknownCommand(in: arguments, after: depth, of: command) ?? unknownOption(in: arguments, of: command)
            ?? lowered(message)
        return reason + (pointer.map { " (see \($0))" } ?? "")
    }

    /// Error lines begin in lower case, but a name such as PM_BROKER is kept. They have no full stop.
    private static func lowered(_ message: String) -> String {
        var reason = message.split(separator: "\n").joined(separator: " ")
        if reason.last == "." { reason.removeLast() }
        guard reason.dropFirst().first?.isLowercase == true else { return reason }
        return reason.prefix(1).lowercased() + reason.dropFirst()
    }

    /// ArgumentParser calls an unknown command an unexpected argument, and suggests none.
    ///
    /// - Parameters:
    ///   - depth: the number of names of commands before it.
    private static func unknownCommand(
        in arguments: [String], after depth: Int, of command: any ParsableCommand.Type
    ) -> String? {
        let names = command.names
        guard !names.isEmpty, let word = GlobalOptions.words(in: arguments).dropFirst(depth).first,
            !names.contains(word), word != "help"
        else { return nil }
        let meant = foreign[word].flatMap { names.contains($0) ? $0 : nil }
        return "unknown command '\(word)'" + question(meant ?? Suggestion.nearest(to: word, among: names))
    }

    /// The first unknown option. ArgumentParser suggests one that shares hardly a letter with it, or tells another error
    /// that follows from it, such as a value too much.
    private static func unknownOption(in arguments: [String], of command: any ParsableCommand.Type) -> String? {
        let options = options(of: command)
        let given = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map {
            String($0.prefix { $0 != "=" })
        }
        guard let word = given.first(where: { !options.contains($0) && $0 != completion }) else { return nil }
        return "unknown option '\(word)'" + question(Suggestion.nearest(to: word, among: options))
    }

    /// An option that the help does not list.
    private static let completion = "--generate-completion-script"

    private static func question(_ suggestion: String?) -> String {
        suggestion.map { ", did you mean '\($0)'?" } ?? ""
    }

    private static func options(of command: any ParsableCommand.Type) -> [String] {
        let help = PMCtl.helpMessage(for: command, columns: 1_000)
        return help.matches(of: /(?:^|[ ,\/])(--[a-z][a-z-]+)/).map { String($0.output.1) }
    }

    /// What other supervisors call the commands.
    private static let foreign = [
        "list": "ls", "kill": "stop", "down": "stop", "up": "start", "log": "logs", "tail": "logs", "inspect": "status",
        "show": "status", "describe": "status", "delete": "rm", "remove": "rm", "del": "rm", "ls": "ps", "top": "ps",
        "exec": "run", "deploy": "apply", "update": "apply", "nodes": "node", "vms": "vm", "processes": "ps",
    ]
}

extension ParsableCommand {
    /// The names of its subcommands.
    fileprivate static var names: [String] {
        configuration.subcommands.flatMap {
            [$0.configuration.commandName].compactMap(\.self) + $0.configuration.aliases
        }
    }

    fileprivate static func command(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first {
            $0.configuration.commandName == name || $0.configuration.aliases.contains(name)
        }
    }
}
