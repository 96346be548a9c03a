/// Looks for a text in what a process writes, over the borders of the pieces it comes in (Knuth, Morris, Pratt 1977): each
/// byte is seen once and none is kept.
package struct LineMatcher: Sendable {
    private let text: [UInt8]
    /// For each length of a beginning of `text`, how long the longest shorter beginning is that it ends with.
    private let fallback: [Int]
    /// How much of `text` the last bytes are.
    private var matched = 0

    /// - Parameter text: one that is empty is found at once; one with a newline is found across lines.
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

    /// - Returns: whether the text is complete with these bytes, or was before.
    package mutating func finds(in bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes {
            if matched == text.count { break }
            while matched > 0, text[matched] != byte { matched = fallback[matched] }
            if text[matched] == byte { matched += 1 }
        }
        return matched == text.count
    }
}
