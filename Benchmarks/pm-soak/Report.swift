import LinuxSystem

/// Writes the soak's output.
enum Report {
    static func line(_ text: String) { FileSystem.write(text + "\n", to: 1) }

    static func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e5).rounded() / 10) MB" }
}
