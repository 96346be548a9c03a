/// What a process had started and was still there when it had ended: the agent ends it.
package struct LeftBehind: Equatable, Sendable, CustomStringConvertible {
    package let count: Int
    /// The names of the first ones' programs (`comm` of proc(5)).
    package let names: [String]

    package init(count: Int, names: [String]) {
        self.count = count
        self.names = names
    }

    /// `2 processes: sleep, sh`
    package var description: String {
        let list = names.joined(separator: ", ") + (count > names.count ? ", …" : "")
        return "\(count) \(count == 1 ? "process" : "processes")\(names.isEmpty ? "" : ": \(list)")"
    }
}
