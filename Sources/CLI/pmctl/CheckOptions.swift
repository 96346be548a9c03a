import ArgumentParser
import JSONCodec

/// Options for `health_check` and `ready` of a config.
struct CheckOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Healthy if this command ends with 0.", valueName: "command"))
    var healthCommand: String?
    @Option(
        help: ArgumentHelp("Healthy if this accepts a connection: 8000 or 127.0.0.1:8000.", valueName: "port"),
        transform: Arguments.endpoint)
    var healthTcp: JSON?
    @Option(help: ArgumentHelp("Healthy if GET is answered with 200 to 399.", valueName: "url")) var healthHttp: String?
    @Option(help: ArgumentHelp("Seconds from one test to the next.", valueName: "s")) var healthInterval: Double?
    @Option(help: ArgumentHelp("Seconds after which a test has failed.", valueName: "s")) var healthTimeout: Double?
    @Option(help: ArgumentHelp("Failures in a row that make it unhealthy.", valueName: "n")) var healthRetries: Int?

    @Option(help: ArgumentHelp("It is up when a line of its output contains this.", valueName: "text"))
    var readyLine: String?
    @Option(
        help: ArgumentHelp("It is up when it accepts connections: 8000 or 127.0.0.1:8000.", valueName: "port"),
        transform: Arguments.endpoint)
    var readyTcp: JSON?
    @Option(help: ArgumentHelp("It is up when it writes a line to this descriptor.", valueName: "fd")) var readyFd: Int?
    @Option(help: ArgumentHelp("Seconds within which it must be up.", valueName: "s")) var readyTimeout: Double?

    private var probes: [JSON.Member] {
        [
            healthCommand.map { .init("command", .string($0)) }, healthTcp.map { .init("tcp", $0) },
            healthHttp.map { .init("http", .string($0)) },
        ].compactMap(\.self)
    }

    private var signs: [JSON.Member] {
        [
            readyLine.map { .init("log_line", .string($0)) }, readyTcp.map { .init("tcp", $0) },
            readyFd.map { .init("fd", .number($0)) },
        ].compactMap(\.self)
    }

    func validate() throws {
        if probes.count > 1 {
            throw ValidationError("--health-command, --health-tcp and --health-http exclude each other")
        }
        if signs.count > 1 { throw ValidationError("--ready-line, --ready-tcp and --ready-fd exclude each other") }
    }

    func applied(to config: JSON) -> JSON {
        let check = [
            healthInterval.map { JSON.Member("interval", .number($0)) },
            healthTimeout.map { .init("timeout", .number($0)) }, healthRetries.map { .init("retries", .number($0)) },
        ].compactMap(\.self)
        let ready = readyTimeout.map { [JSON.Member("timeout", .number($0))] } ?? []
        let checked = replaced(in: config, "health_check", ["command", "tcp", "http"], by: probes, and: check)
        return replaced(in: checked, "ready", ["log_line", "tcp", "fd"], by: signs, and: ready)
    }

    /// - Parameters:
    ///   - kinds: members of which one may be there: a new one takes the place of another one.
    private func replaced(
        in config: JSON, _ key: String, _ kinds: [String], by kind: [JSON.Member], and others: [JSON.Member]
    ) -> JSON {
        guard !kind.isEmpty || !others.isEmpty else { return config }
        let old = config[key] ?? [:]
        let base = kind.isEmpty ? old : kinds.reduce(old) { $0.removing($1) }
        return config.setting(key, (kind + others).reduce(base) { $0.setting($1) })
    }
}
