import ArgumentParser
import JSONCodec
import Model
import Wire

/// Options for the supervision of a process: the most used fields of a config.
struct SupervisionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("When the process is restarted after it ends.", valueName: "policy"),
        completion: .list(RestartRules.Policy.allCases.map(\.rawValue)))
    var restart: RestartRules.Policy?
    @Flag(help: "Start the process again whenever the agent starts.") var persist = false
    @Option(help: ArgumentHelp("The user that the process runs as, a name or a number.", valueName: "user"))
    var user: String?
    @Flag(help: "Let the process gain rights from programs that it executes, such as setuid programs.")
    var newPrivileges = false
    @Option(help: ArgumentHelp("The text that the process reads from stdin.", valueName: "text")) var stdin: String?
    @Option(
        help: ArgumentHelp("A variable that gets its value from a file on the host.", valueName: "name=/path"),
        transform: Arguments.variableFile)
    var envFile: [EnvironmentVariable] = []
    @Flag(help: "Keep stdin open without data: for programs that end at the end of stdin.") var stdinOpen = false
    @Option(
        help: ArgumentHelp(
            "A process that must be up first; with id=completed, one that must have ended with exit code 0.",
            valueName: "id"),
        transform: Arguments.dependency)
    var dependsOn: [Dependency] = []
    @Option(help: ArgumentHelp("When the process is started, such as '0 3 * * MON' or @daily.", valueName: "cron"))
    var schedule: String?
    @Flag(help: "Catch up on a scheduled start that was missed because the agent did not run.")
    var scheduleCatchUp = false
    @Option(
        help: ArgumentHelp(
            "A limit: open_files, core, memory, cpu or pids, such as memory=64M.", valueName: "name=value"),
        transform: Arguments.limit)
    var limit: [JSON.Member] = []

    func validate() throws {
        if stdinOpen, stdin != nil { throw ValidationError("--stdin and --stdin-open exclude each other") }
    }

    /// `config` with the settings of these options.
    func applied(to config: JSON) -> JSON {
        var config = config
        if let restart { config = config.setting("restart", .string(restart.rawValue)) }
        if let user { config = config.setting("user", .string(user)) }
        if newPrivileges { config = config.setting("new_privileges", true) }
        if stdinOpen { config = config.setting("stdin", StandardInput.open.json) }
        if let stdin { config = config.setting("stdin", .string(stdin)) }
        if !dependsOn.isEmpty {
            config = config.setting("depends_on", .array(dependsOn.map(\.json)))
        }
        if let schedule { config = config.setting("schedule", .string(schedule)) }
        if scheduleCatchUp { config = config.setting("schedule_catch_up", true) }
        if !limit.isEmpty {
            config = config.setting("limits", limit.reduce(config["limits"] ?? [:]) { $0.setting($1) })
        }
        if persist { config = config.setting("persist", true) }
        return config
    }
}

extension RestartRules.Policy: ExpressibleByArgument {}
