import ArgumentParser
import JSONCodec
import Model
import Wire

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts a process on a host.",
        discussion: """
            Example: pmctl start alpha --name web --env PORT=8080 -- python3 app.py

            The -- keeps the command's own options from being taken for pmctl's. No shell runs the command; for one, \
            start it: -- sh -c 'a | b'

            --config takes a file with a config, as apply does; what the other options say replaces what it says.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName
    @OptionGroup var environment: EnvironmentOptions
    @OptionGroup(title: "Supervision") var supervision: SupervisionOptions
    @Option(
        name: .customLong("config"), help: ArgumentHelp("A JSON file with a config to begin with.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String?
    @Argument(help: "The program, searched in PATH there, and its arguments.") var command: [String] = []

    func validate() throws {
        if command.isEmpty, file == nil { throw ValidationError("Missing expected argument '<command> ...'") }
    }

    func run() throws {
        let base = try file.map { path throws(CommandError) in try ConfigFile.read(path) }
        let bus = try options.connect()
        defer { bus.close() }
        let answer = try bus.request(.startProcess, of: host, ["config": config(base ?? [:])])
        try options.show(answer) { result in
            let id = result["process_id"]?.string ?? "a process"
            let deed = result["updated"]?.bool == true ? "updated" : "started"
            return "\(deed) \(id) on \(host)\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        }
    }

    /// The `config` that these options make of another.
    func config(_ base: JSON = [:]) -> JSON {
        var config = base
        if !command.isEmpty {
            config = config.removing("args").setting("command", .array(command.map { .string($0) }))
        }
        return supervision.applied(to: environment.applied(to: config, others: supervision.envFile))
    }
}
