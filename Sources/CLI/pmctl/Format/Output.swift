import var Glibc.EPIPE
import JSONCodec
import LinuxSystem
import Model

/// Writes to standard output and standard error. Each call returns after everything is written.
enum Output {
    static func write(_ lines: [String], to stream: LogStream = .stdout) throws(CommandError) {
        let file: Int32 = stream == .stdout ? 1 : 2
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: file)
    }

    static func write(_ json: JSON) throws(CommandError) { try write(json.printed() + [UInt8(ascii: "\n")]) }

    /// Writes to stderr without a line feed.
    static func prompt(_ text: String) throws(CommandError) { try write(Array(text.utf8), to: 2) }

    /// Writes control sequences and text for a terminal.
    static func write(control text: String) throws(CommandError) { try write(Array(text.utf8)) }

    /// Writes to stderr. A failure to do so is ignored: it cannot be reported anywhere.
    static func complain(_ line: String) { try? write(Array("\(line)\n".utf8), to: 2) }

    private static func write(_ bytes: [UInt8], to file: Int32 = 1) throws(CommandError) {
        do throws(SystemError) { try FileSystem.write(bytes, to: file) } catch {
            throw error.number == EPIPE ? .outputClosed : .failed("can't write the output: \(error.reason)")
        }
    }
}
