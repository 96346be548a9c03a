/// Descendants of a main process that were still alive when it had ended. The agent ends them.
package struct LeftBehind: Equatable, Sendable, CustomStringConvertible {
    package let count: Int
    /// The program names of the first of them (`comm` of proc(5)).
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
