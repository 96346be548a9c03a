import ArgumentParser
import JSONCodec
import Model
import Wire

/// What a process is called, and what it finds around itself.
struct EnvironmentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The process id to be. (default: made of the program's name)", valueName: "id"),
        transform: Arguments.name)
    var name: Name?
    @Option(help: ArgumentHelp("An absolute path there: the working directory. (default: /)", valueName: "directory"))
    var cwd: String?
    @Option(
        name: .customLong("env"), help: ArgumentHelp("Added to a clean environment.", valueName: "name=value"),
        transform: Arguments.variable)
    var variables: [EnvironmentVariable] = []

    func validate() throws {
        if let cwd, !cwd.hasPrefix("/") { throw ValidationError("--cwd must be an absolute path: it is the host's") }
    }

    /// The config with what these options say.
    ///
    /// - Parameter others: further variables.
    func applied(to config: JSON, others: [EnvironmentVariable] = []) -> JSON {
        var config = config
        if let name { config = config.setting("name", .string(name.description)) }
        if let cwd { config = config.setting("path", .string(cwd)) }
        let variables = (variables + others).sorted { $0.name < $1.name }
        if !variables.isEmpty {
            // Of two of the same name the later one holds: the order of equal ones is kept.
            config = config.setting(
                "env", variables.reduce(config["env"] ?? [:]) { $0.setting($1.name, $1.value.json) })
        }
        return config
    }
}
