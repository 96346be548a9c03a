import ArgumentParser
import JSONCodec
import Model
import Wire

/// Options for the supervision of a process: the fields of a config that people set by hand.
struct SupervisionOptions: ParsableArguments {
    @OptionGroup var restart: RestartOptions
    @OptionGroup var stop: StopOptions
    @OptionGroup var checks: CheckOptions
    @OptionGroup var log: LogOptions
    @Flag(help: "Start the process again whenever the agent starts.") var persist = false
    @Option(help: ArgumentHelp("The user that the process runs as, a name or a number.", valueName: "user"))
    var user: String?
    @Option(help: ArgumentHelp("The group that the process runs as. (default: the user's)", valueName: "group"))
    var group: String?
    @Flag(help: "Let the process gain rights from programs that it executes, such as setuid programs.")
    var newPrivileges = false
    @Option(help: ArgumentHelp("The text that the process reads from stdin.", valueName: "text")) var stdin: String?
    @Option(
        help: ArgumentHelp(
            "A local file with lines NAME=VALUE; or, as NAME=/path, a variable whose value is a file's on the host.",
            valueName: "file|name=/path"), completion: .file(), transform: Arguments.variableSource)
    var envFile: [VariableSource] = []
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
        config = log.applied(to: checks.applied(to: stop.applied(to: restart.applied(to: config))))
        if let user { config = config.setting("user", .string(user)) }
        if let group { config = config.setting("group", .string(group)) }
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
