import Model

/// The last line of what a program has said, which tends to tell why it ended.
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

    /// Nil as long as nothing has been said.
    var text: String? {
        let text = String(decoding: line, as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }
}
