import LinuxSystem
import Model

/// The daemon's own log: one line per event on standard error, which an init system collects.
enum Log {
    static func note(_ text: String) { FileSystem.write("pm-cluster: \(text.inOneLine)\n", to: 2) }
}
