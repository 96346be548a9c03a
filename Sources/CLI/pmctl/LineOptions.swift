import ArgumentParser
import Model

/// How many of the lines already written are shown.
struct LineOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long, .customLong("tail")],
        help: ArgumentHelp(
            "Show the last n lines of each stream, 1 to \(Limits.mostLogLines). (default: \(Limits.logLines))",
            valueName: "n"))
    var lines: Int?

    var count: Int { lines ?? Limits.logLines }

    func validate() throws {
        if let lines, !(1...Limits.mostLogLines).contains(lines) {
            throw ValidationError("--lines (or --tail) must be 1 to \(Limits.mostLogLines)")
        }
    }
}
