/// A line as a string that JSON may hold.
package enum LogText {
    /// Invalid UTF-8 and NUL, which would end the string for cJSON, are U+FFFD.
    package static func text(of line: ArraySlice<UInt8>) -> String {
        // 0xFF is in no UTF-8.
        line.contains(0)
            ? String(decoding: line.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self) : String(decoding: line, as: UTF8.self)
    }
}
