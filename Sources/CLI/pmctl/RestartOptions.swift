import ArgumentParser
import JSONCodec
import Model

/// Options for `restart` of a config.
struct RestartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When the process is restarted after it ends: never, on-failure or always.", valueName: "policy"),
        completion: .list(RestartRules.Policy.allCases.map(\.rawValue)))
    var restart: RestartRules.Policy?
    @Option(help: ArgumentHelp("Seconds before the first restart.", valueName: "s")) var restartDelay: Double?
    @Option(
        help: ArgumentHelp(
            "After this many restarts after failures within ten minutes it is failed; 0: no limit.", valueName: "n"))
    var restartLimit: Int?

    func applied(to config: JSON) -> JSON {
        let details = [
            restartDelay.map { JSON.Member("delay", .number($0)) },
            restartLimit.map { .init("start_limit", .number($0)) },
        ].compactMap(\.self)
        let former = config["restart"]
        // A string is the policy alone.
        if details.isEmpty, former?.members == nil {
            return restart.map { config.setting("restart", .string($0.rawValue)) } ?? config
        }
        let base: JSON = former?.string.map { ["policy": .string($0)] } ?? former ?? [:]
        let policy = restart.map { [JSON.Member("policy", .string($0.rawValue))] } ?? []
        return config.setting("restart", (policy + details).reduce(base) { $0.setting($1) })
    }
}

extension RestartRules.Policy: ExpressibleByArgument {
    /// `on-failure` is `on_failure`.
    package init?(argument: String) { self.init(rawValue: argument.split(separator: "-").joined(separator: "_")) }
}
