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
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "Begin with the last so many lines, 1 to \(Limits.mostLogLines). (default: \(Limits.logLines))",
            valueName: "n"))
    var lines: Int?
    @Argument(help: "The VM.", transform: Arguments.host) var vm: HostName

    func validate() throws {
        if let lines, !(1...Limits.mostLogLines).contains(lines) {
            throw ValidationError("--lines must be 1 to \(Limits.mostLogLines)")
        }
    }

    func run() throws {
        let bus = try options.connect()
        defer { bus.close() }
        try Console(of: vm, lines: lines ?? Limits.logLines, bus: bus, isJSON: options.json).show()
    }
}
