import LinuxSystem
import Model

/// A daemon's own log: one line per event on stderr, where service managers collect it.
package enum Log {
    package static func note(_ text: String) { FileSystem.write("\(Program.name): \(text.inOneLine)\n", to: 2) }

    /// Notes why the program ends.
    ///
    /// - Returns: its exit code.
    package static func fail(_ code: Int32, _ reason: String) -> Int32 {
        note(reason)
        return code
    }
}
