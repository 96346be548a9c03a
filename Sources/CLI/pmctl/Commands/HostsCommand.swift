import ArgumentParser
import JSONCodec
import LinuxSystem
import Wire

struct HostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts", abstract: "Lists all hosts with their status and health.",
        discussion: "Example: pmctl hosts\n\nNeeds no hub: it reads the messages that agents left with the broker.")

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        let hosts = try bus.fleet([Topic.everyStatus, Topic.everyHealth] + Topic.hubsJudgements).known
        if options.json { return try Output.write(.array(hosts.map { $0.json(at: .now) })) }
        try Output.write(HostTableView.make(hosts, at: .now).lines(for: .standardOutput))
    }
}
