import Model

/// The last line of a program's output, which usually says why the program ended.
struct LastWords {
    private var line: [UInt8] = []
    private var isWhole = false

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                isWhole = true
                continue
            }
            if isWhole { line = [] }
            isWhole = false
            if line.count < Limits.lastWords { line.append(byte) }
        }
    }

    /// Nil while there is no output.
    var text: String? {
        let text = String(decoding: line, as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }
}
