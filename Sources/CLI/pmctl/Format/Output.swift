import Glibc
import JSONCodec
import LinuxSystem
import Model

/// Writes to standard output and standard error. Each call returns after everything is written.
enum Output {
    static func write(_ lines: [String], to stream: LogStream = .stdout) throws(CommandError) {
        let file = stream == .stdout ? STDOUT_FILENO : STDERR_FILENO
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: file)
    }

    static func write(_ json: JSON) throws(CommandError) { try write(json.printed() + [UInt8(ascii: "\n")]) }

    /// Writes to stderr. A failure to do so is ignored: it cannot be reported anywhere.
    static func complain(_ line: String) { try? write(Array("\(line)\n".utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to file: Int32 = STDOUT_FILENO) throws(CommandError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest.removeFirst(count)
            } else if errno == EPIPE {
                throw .outputClosed
            } else if errno != EINTR {
                throw .failed("can't write the output: \(SystemError.reason(errno))")
            }
        }
    }
}
