import ArgumentParser
import JSONCodec
import Model
import Wire

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts new processes, or known ones again.",
        usage: """
            pmctl start [<options>] <host> <process> ...
            pmctl start [<options>] <host> -- <command> ...
            pmctl start [<options>] <host> --config <file>
            """,
        discussion: """
            Example: pmctl start alpha --name web --env PORT=8080 -- python3 app.py
            Example: pmctl start alpha web

            After -- stands the command of a new process: the program, searched in the host's PATH, and its arguments. \
            No shell runs it; to use one, start it: -- sh -c 'a | b'. \
            Without --, the arguments are known processes: they start with the config that they had, and those that are \
            up are left alone.

            --config takes a file with one config. Other options replace the values in the file.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(
        help: "The host, or a selector of hosts such as 'edge-*,rack=7'.", completion: .hosts,
        transform: Arguments.hosts)
    var host: HostPattern
    @Argument(
        help: "Known processes: ids, or patterns such as 'web-*'.", completion: .processes,
        transform: Arguments.processes)
    var process: [ProcessPattern] = []
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var environment: EnvironmentOptions
    @OptionGroup(title: "Supervision") var supervision: SupervisionOptions
    @Option(
        name: .customLong("config"), help: ArgumentHelp("A JSON file with a config.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String?
    /// What stands after `--`: ``separated(_:)`` makes these options of it.
    @Option(help: .hidden) var command: [String] = []

    private var isKnown: Bool { !process.isEmpty || selection.all }

    func validate() throws {
        if isKnown {
            if !command.isEmpty { throw ValidationError("the names of processes and a command exclude each other") }
            guard file == nil, config() == .object([]), supervision.envFile.isEmpty else {
                throw ValidationError(
                    "a known process starts with its own config; the command of a new one stands after --")
            }
            if process.contains(where: \.isPID) {
                throw ValidationError("a process that does not run has no pid: give its id")
            }
            try selection.check(process, on: host)
        } else if command.isEmpty, file == nil {
            throw ValidationError("Missing expected argument '<process> ...' or '-- <command> ...'")
        }
    }

    func run() throws { try isKnown ? startKnown() : startNew() }

    private func startKnown() throws {
        try ProcessAction(
            method: .startProcess, applies: \.isEnded,
            line: { result, id, host in
                let deed = result["unchanged"]?.bool == true ? "\(id) is already up" : "started \(id)"
                return "\(deed) on \(host)\(result.pidText)"
            },
            explain: { error, answer, target in
                switch answer.code {
                case .missingArgument:
                    .failed("the agent of \(target.host) is of a version that starts no process by its name alone")
                case .noSuchProcess:
                    .failed("\(error.text ?? "") (the command of a new process stands after --)", .missing)
                default: error
                }
            }
        ).run(ProcessSelection(host, process, selection), options, timeout: GlobalOptions.defaultTimeout)
    }

    private func startNew() throws {
        let base = try file.map { path throws(CommandError) in
            let config = try ConfigFile.read(path)
            try ConfigFile.checkFields(of: config, "config", in: path)
            return config
        }
        let config = config(base ?? [:], try supervision.envFile.flatMap { try $0.variables })
        let bus = try options.connect()
        defer { bus.close() }
        let action = HostAction(method: .startProcess, arguments: ["config": config]) { result, host in
            let id = result["process_id"]?.string ?? "a process"
            let deed = result["updated"]?.bool == true ? "updated" : "started"
            return [Printable.line("\(deed) \(id) on \(host)\(result.pidText)")]
        }
        try action.run(HostChoice(patterns: [host], labels: selection.labels.label), options, bus)
    }

    /// `base` with the settings of these options.
    ///
    /// - Parameter variables: those of `--env-file`.
    func config(_ base: JSON = [:], _ variables: [EnvironmentVariable] = []) -> JSON {
        var config = base
        if !command.isEmpty {
            config = config.removing("args").setting("command", .array(command.map { .string($0) }))
        }
        return supervision.applied(to: environment.applied(to: config, before: variables))
    }

    /// The same arguments with an option in place of each word after `--`. ArgumentParser drops the `--`, and a command
    /// could not be told from the names of processes.
    ///
    /// - Parameter arguments: those of `pmctl start`.
    static func separated(_ arguments: [String]) -> [String] {
        guard let terminator = arguments.firstIndex(of: "--") else { return arguments }
        return arguments[..<terminator] + arguments[(terminator + 1)...].map { "--command=\($0)" }
    }
}
