/// The names of signals, as signal(7) has them for every Linux that Swift runs on.
package enum SignalName {
    /// Number 1 is HUP.
    private static let names: [StaticString] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    /// The number of `TERM` or `SIGTERM`, in capitals or not; nil when no signal is called so.
    package static func number(of text: String) -> Int32? {
        let upper = text.uppercased()
        let name = upper.utf8.starts(with: "SIG".utf8) ? String(upper.dropFirst(3)) : upper
        guard let index = names.firstIndex(where: { "\($0)" == name }) else { return nil }
        return Int32(index) + 1
    }

    /// `TERM`; nil for a number that has no name, as the real-time signals'.
    package static func name(of number: Int32) -> String? {
        guard number >= 1, number <= names.count else { return nil }
        return "\(names[Int(number) - 1])"
    }
}
