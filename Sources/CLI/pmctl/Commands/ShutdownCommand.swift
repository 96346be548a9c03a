import ArgumentParser
import JSONCodec
import Model
import Wire

struct ShutdownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shutdown", abstract: "Ends a host's agent and all processes that it runs.",
        discussion: "Example: pmctl shutdown alpha")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The host.", transform: Arguments.host) var host: HostName

    func run() throws {
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        let answer = try bus.request(.shutdown, of: host)
        try options.show(answer) { _ in "the agent of \(host) is shutting down" }
    }
}
