import ArgumentParser
import LinuxSystem

/// `--yes`: whether a person at a terminal is asked before something is lost.
struct ConsentOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask on a terminal.") var yes = false

    /// Whether ``ask(_:on:)`` would ask. Scripts are not asked.
    var isAsking: Bool { !yes && StandardStreams.isTerminal(0) && StandardStreams.isTerminal(2) }

    /// Throws unless the answer is yes.
    func ask(_ question: String, on bus: Bus) throws(CommandError) {
        guard isAsking else { return }
        try Output.prompt("\(Printable.line(question)) [y/N] ")
        let answer = try bus.readLine().lowercased()
        guard ["y", "yes"].contains(answer) else { throw .failed("nothing is changed") }
    }
}
