import ArgumentParser
import JSONCodec
import Model
import Wire

/// How a process is to be kept: the fields of a config that people ask for most.
struct SupervisionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("When it is started again.", valueName: "policy"),
        completion: .list(RestartRules.Policy.allCases.map(\.rawValue)))
    var restart: RestartRules.Policy?
    @Flag(help: "Start it again with the agent.") var persist = false
    @Option(help: ArgumentHelp("As whom it runs, a name or a number.", valueName: "user")) var user: String?
    @Flag(help: "Programs that it executes can give it rights, as setuid ones do.") var newPrivileges = false
    @Option(help: ArgumentHelp("What it reads from stdin.", valueName: "text")) var stdin: String?
    @Option(
        help: ArgumentHelp("A variable whose value that file of the host holds.", valueName: "name=/path"),
        transform: Arguments.variableFile)
    var envFile: [EnvironmentVariable] = []
    @Flag(help: "Its stdin has no end: for programs that end when it does.") var stdinOpen = false
    @Option(
        help: ArgumentHelp(
            "A process that must be up first; as id=completed, that must have ended with 0.", valueName: "id"),
        transform: Arguments.dependency)
    var dependsOn: [Dependency] = []
    @Option(help: ArgumentHelp("When it starts, again and again: '0 3 * * MON', @daily.", valueName: "cron"))
    var schedule: String?
    @Flag(help: "Make up for a start by the schedule that was due while the agent did not run.")
    var scheduleCatchUp = false
    @Option(
        help: ArgumentHelp("open_files, core, memory, cpu or pids, as memory=64M.", valueName: "name=value"),
        transform: Arguments.limit)
    var limit: [JSON.Member] = []

    func validate() throws {
        if stdinOpen, stdin != nil { throw ValidationError("--stdin and --stdin-open exclude each other") }
    }

    /// The config with what these options say.
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
