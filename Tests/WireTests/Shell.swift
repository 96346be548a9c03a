import Glibc
import TestSupport

/// Splits a line with the system's own shell.
enum Shell {
    static func words(of line: String) throws -> [String] {
        // Each word ends with a byte that no tested line contains.
        let script = "printf '%s\\036' begin \(line)"
        guard let pipe = popen("exec /bin/sh -c " + quoted(script), "r") else { throw TestError("popen") }
        var bytes: [UInt8] = []
        var byte = getc(pipe)
        while byte != EOF {
            bytes.append(UInt8(truncatingIfNeeded: byte))
            byte = getc(pipe)
        }
        let status = pclose(pipe)
        guard status == 0 else { throw TestError("sh ended with \(status)") }
        let words = bytes.split(separator: 0x1E, omittingEmptySubsequences: false).dropFirst().dropLast()
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func quoted(_ script: String) -> String {
        var text = String.UnicodeScalarView("'".unicodeScalars)
        for scalar in script.unicodeScalars {
            if scalar == "'" { text.append(contentsOf: "'\\''".unicodeScalars) } else { text.append(scalar) }
        }
        text.append("'")
        return String(text)
    }
}
