/// Searches a text in a process's output, across the borders of the pieces in which it arrives (Knuth, Morris, Pratt
/// 1977). Each byte is looked at once, and none is kept.
package struct LineMatcher: Sendable {
    private let text: [UInt8]
    /// For each length of a prefix of `text`: the length of its longest proper suffix that is also a prefix.
    private let fallback: [Int]
    /// How many bytes of `text` the last bytes match.
    private var matched = 0

    /// - Parameter text: an empty text is found at once; one with a newline is found across lines.
    package init(_ text: String) {
        let text = Array(text.utf8)
        var fallback = [Int](repeating: 0, count: text.count + 1)
        var length = 0
        for index in text.indices.dropFirst() {
            while length > 0, text[index] != text[length] { length = fallback[length] }
            if text[index] == text[length] { length += 1 }
            fallback[index + 1] = length
        }
        self.text = text
        self.fallback = fallback
    }

    /// - Returns: whether the text was found, in these bytes or before.
    package mutating func finds(in bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes {
            if matched == text.count { break }
            while matched > 0, text[matched] != byte { matched = fallback[matched] }
            if text[matched] == byte { matched += 1 }
        }
        return matched == text.count
    }
}
