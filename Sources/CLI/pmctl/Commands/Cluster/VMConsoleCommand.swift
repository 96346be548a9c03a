import ArgumentParser
import Model

struct VMConsole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Shows the output of a VM's console, until Ctrl-C.",
        discussion: """
            Example: pmctl vm console vm-x1

            Input is not sent to the VM. The command continues when the VM is reset or its host goes offline for a \
            time, and ends when the VM is removed. Messages of the VM's runner go to stderr. For the output of a \
            process in the VM: pmctl logs vm-x1 PROCESS
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var lines: LineOptions
    @Argument(help: "The VM.", completion: .hosts, transform: Arguments.host) var vm: HostName

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        try Console(of: vm, lines: lines.count, bus: bus, isJSON: options.json).show()
    }
}
