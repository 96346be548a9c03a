import ArgumentParser
import JSONCodec
import Model
import Wire

struct ShutdownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shutdown", abstract: "Ends the agents of hosts and all processes that they run.",
        discussion: "Example: pmctl shutdown alpha\n\nOn a terminal it asks first.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: SomeHosts
    @OptionGroup var consent: ConsentOptions

    func run() throws {
        let bus = try options.connect(defaultTimeout: GlobalOptions.stopTimeout)
        defer { bus.close() }
        try HostAction(
            method: .shutdown, line: { ["the agent of \($1) is shutting down"] },
            question: { hosts in
                hosts.count == 1
                    ? "End the agent of \(hosts[0]) and all its processes?"
                    : "End the agents of \(hosts.count) hosts and all their processes?"
            }
        ).run(target.choice, options, bus, consent)
    }
}
