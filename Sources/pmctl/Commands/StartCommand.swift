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
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName
    @Option(
        help: ArgumentHelp("The process id to be. (default: made of the program's name)", valueName: "id"),
        transform: Arguments.name)
    var name: Name?
    @Option(help: ArgumentHelp("An absolute path there: the working directory. (default: /)", valueName: "directory"))
    var cwd: String?
    @Option(
        name: .customLong("env"), help: ArgumentHelp("Added to a clean environment.", valueName: "name=value"),
        transform: Arguments.variable)
    var environment: [EnvironmentVariable] = []
    @Argument(help: "The program, searched in PATH there, and its arguments.") var command: [String]

    func validate() throws {
        if let cwd, !cwd.hasPrefix("/") { throw ValidationError("--cwd must be an absolute path: it is the host's") }
    }

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let answer = try bus.request(.startProcess, of: host, ["config": config])
        try options.show(answer) { result in
            let id = result["process_id"]?.string ?? "a process"
            return "started \(id) on \(host)\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        }
    }

    /// What PROTOCOL's `config` looks like for these options.
    var config: JSON {
        var members: [JSON.Member] = [.init("command", .array(command.map { .string($0) }))]
        if let name { members.append(.init("name", .string(name.description))) }
        if let cwd { members.append(.init("path", .string(cwd))) }
        if !environment.isEmpty { members.append(.init("env", .object(variables))) }
        return .object(members)
    }

    /// Of two of the same name the later one holds: an object must not have a key twice.
    private var variables: [JSON.Member] {
        let last = Dictionary(environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        return last.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.json) }
    }
}
