import ArgumentParser
import JSONCodec
import Model
import Wire

/// Options for the name, the working directory and the environment of a process.
struct EnvironmentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The process id. (default: derived from the program's name)", valueName: "id"),
        transform: Arguments.name)
    var name: Name?
    @Option(help: ArgumentHelp("The working directory, an absolute path there. (default: /)", valueName: "directory"))
    var cwd: String?
    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("A variable to add to the clean environment.", valueName: "name=value"),
        transform: Arguments.variable)
    var variables: [EnvironmentVariable] = []

    func validate() throws {
        if let cwd, !cwd.hasPrefix("/") { throw ValidationError("--cwd must be an absolute path on the host") }
    }

    /// `config` with the settings of these options.
    ///
    /// - Parameter others: further variables to set, unless these options set them.
    func applied(to config: JSON, before others: [EnvironmentVariable] = []) -> JSON {
        var config = config
        if let name { config = config.setting("name", .string(name.description)) }
        if let cwd { config = config.setting("path", .string(cwd)) }
        let variables = (others + variables).sorted { $0.name < $1.name }
        if !variables.isEmpty {
            // If a name occurs twice, the later value wins: the sort keeps the order of equal names.
            config = config.setting(
                "env", variables.reduce(config["env"] ?? [:]) { $0.setting($1.name, $1.value.json) })
        }
        return config
    }
}
