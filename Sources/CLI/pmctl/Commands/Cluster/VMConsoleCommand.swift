import ArgumentParser
import Model

struct VMConsole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Shows what a VM's console shows, as it happens, until Ctrl-C.",
        discussion: """
            Example: pmctl vm console vm-x1

            It only shows: what is typed does not reach the VM. It goes on through resets of the VM and absences of its \
            host, and ends when the VM is removed. Its stderr has what the runner of the VM says. For what a process in \
            the VM writes: pmctl logs vm-x1 PROCESS
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var lines: LineOptions
    @Argument(help: "The VM.", transform: Arguments.host) var vm: HostName

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        try Console(of: vm, lines: lines.count, bus: bus, isJSON: options.json).show()
    }
}
