import LinuxSystem
import Model

/// The agent's own log: one line per event, on stderr, where service managers collect it.
enum Log {
    static func note(_ text: String) { FileSystem.write("pm-agent: \(text.inOneLine)\n", to: 2) }
}
