/// The numbers of a /proc/<pid>/stat, by their places in proc_pid_stat(5).
struct StatFields {
    /// The program's name, which may contain blanks and parentheses. The state and the numbers follow it.
    let name: ArraySlice<UInt8>
    private let fields: [ArraySlice<UInt8>]

    /// Nil if the text is incomplete.
    init?(_ text: [UInt8]) {
        guard let begin = text.firstIndex(of: UInt8(ascii: "(")), let end = text.lastIndex(of: UInt8(ascii: ")")),
            begin < end
        else { return nil }
        name = text[(begin + 1)..<end]
        fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 24 - 3 else { return nil }
    }

    var state: UInt8? { fields[0].first }

    /// - Parameter field: 4 to 24.
    func number<Number: FixedWidthInteger>(_ field: Int) -> Number? {
        Number(String(decoding: fields[field - 3], as: UTF8.self))
    }
}
