/// Makes log lines strings for JSON.
package enum LogText {
    /// Replaces invalid UTF-8 by U+FFFD, and also NUL, at which cJSON would end the string.
    package static func text(of line: ArraySlice<UInt8>) -> String {
        // 0xFF is never valid UTF-8.
        line.contains(0)
            ? String(decoding: line.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self) : String(decoding: line, as: UTF8.self)
    }
}
