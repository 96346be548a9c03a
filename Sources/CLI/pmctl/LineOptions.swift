import ArgumentParser
import Model

/// How much of what was written before is shown.
struct LineOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long, .customLong("tail")],
        help: ArgumentHelp(
            "The last so many lines, of each stream where there are two, 1 to \(Limits.mostLogLines). (default: \(Limits.logLines))",
            valueName: "n"))
    var lines: Int?

    var count: Int { lines ?? Limits.logLines }

    func validate() throws {
        if let lines, !(1...Limits.mostLogLines).contains(lines) {
            throw ValidationError("--lines must be 1 to \(Limits.mostLogLines)")
        }
    }
}
