import LinuxSystem
import Model

/// The daemon's own log: one line an event on standard error, which is where an init system looks.
enum Log {
    static func note(_ text: String) { FileSystem.write("pm-agent: \(text.inOneLine)\n", to: 2) }
}
