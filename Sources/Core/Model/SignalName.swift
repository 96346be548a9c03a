/// Signal names with the numbers of signal(7) that hold on every Linux architecture that Swift supports.
package enum SignalName {
    /// The first name is number 1.
    private static let names: [StaticString] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]

    /// The number of `TERM` or `SIGTERM`, in any case; nil when there is no such signal.
    package static func number(of text: String) -> Int32? {
        let upper = text.uppercased()
        let name = upper.utf8.starts(with: "SIG".utf8) ? String(upper.dropFirst(3)) : upper
        guard let index = names.firstIndex(where: { "\($0)" == name }) else { return nil }
        return Int32(index) + 1
    }

    /// Name such as `TERM`; nil for a number without a name, such as a real-time signal.
    package static func name(of number: Int32) -> String? {
        guard number >= 1, number <= names.count else { return nil }
        return "\(names[Int(number) - 1])"
    }
}
