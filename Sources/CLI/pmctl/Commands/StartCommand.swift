import ArgumentParser
import JSONCodec
import Model
import Wire

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts a process on a host.",
        discussion: """
            Example: pmctl start alpha --name web --env PORT=8080 -- python3 app.py

            The -- keeps pmctl from parsing the command's own options. No shell runs the command; to use one, start \
            it: -- sh -c 'a | b'

            --config takes a file with one config. Other options replace the values in the file.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName
    @OptionGroup var environment: EnvironmentOptions
    @OptionGroup(title: "Supervision") var supervision: SupervisionOptions
    @Option(
        name: .customLong("config"), help: ArgumentHelp("A JSON file with a config.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var file: String?
    @Argument(help: "The program, searched in the host's PATH, and its arguments.") var command: [String] = []

    func validate() throws {
        if command.isEmpty, file == nil { throw ValidationError("Missing expected argument '<command> ...'") }
    }

    func run() throws {
        let base = try file.map { path throws(CommandError) in
            let config = try ConfigFile.read(path)
            try ConfigFile.checkFields(of: config, "config", in: path)
            return config
        }
        let bus = try options.connect()
        defer { bus.close() }
        let answer = try bus.request(.startProcess, of: host, ["config": config(base ?? [:])])
        try options.show(answer) { result in
            let id = result["process_id"]?.string ?? "a process"
            let deed = result["updated"]?.bool == true ? "updated" : "started"
            return "\(deed) \(id) on \(host)\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        }
    }

    /// `base` with the settings of these options.
    func config(_ base: JSON = [:]) -> JSON {
        var config = base
        if !command.isEmpty {
            config = config.removing("args").setting("command", .array(command.map { .string($0) }))
        }
        return supervision.applied(to: environment.applied(to: config, others: supervision.envFile))
    }
}
