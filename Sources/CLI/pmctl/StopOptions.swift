import ArgumentParser
import JSONCodec

/// Options for `stop` of a config.
struct StopOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The first signal of a stop. (default: TERM)", valueName: "signal"),
        transform: Arguments.signal)
    var stopSignal: JSON?
    @Option(
        help: ArgumentHelp("Seconds from there to SIGKILL. (default: the agent's stop_grace)", valueName: "s"))
    var stopGrace: Double?

    func applied(to config: JSON) -> JSON {
        let members = [
            stopSignal.map { JSON.Member("signal", $0) }, stopGrace.map { .init("grace", .number($0)) },
        ].compactMap(\.self)
        return members.isEmpty ? config : config.setting(members, in: "stop")
    }
}
