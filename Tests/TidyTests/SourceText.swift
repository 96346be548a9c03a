/// The bytes of a Swift source file, with the places of its string literals.
struct SourceText {
    struct Literal {
        let range: Range<Int>
        /// The texts between interpolations.
        let pieces: [String]

        /// Its longest fixed text, in one line and without punctuation at its ends.
        var words: String {
            let longest = pieces.max { $0.utf8.count < $1.utf8.count } ?? ""
            let line = longest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return line.trimmingPrefix("pmctl: ").drop { " :;,.()".contains($0) }.droppingLast {
                " :;,.()".contains($0)
            }
        }
    }

    private let bytes: [UInt8]
    private(set) var literals: [Literal] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if starts(with: "//", at: index) {
                index = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            } else if bytes[index] == UInt8(ascii: "\"") || starts(with: "#\"", at: index) {
                index = literal(at: index)
            } else {
                index += 1
            }
        }
        literals.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    private func starts(with text: StaticString, at index: Int) -> Bool {
        text.withUTF8Buffer { bytes[index...].starts(with: $0) }
    }

    /// Notes the literal that begins there, and those in its interpolations.
    ///
    /// - Returns: the index behind it.
    private mutating func literal(at start: Int) -> Int {
        let isRaw = bytes[start] == UInt8(ascii: "#")
        let opening = start + (isRaw ? 1 : 0)
        let isBlock = starts(with: "\"\"\"", at: opening)
        var index = opening + (isBlock ? 3 : 1)
        var pieces: [[UInt8]] = [[]]
        while index < bytes.count {
            let ends = isBlock ? starts(with: "\"\"\"", at: index) : bytes[index] == UInt8(ascii: "\"")
            if ends, !isRaw || starts(with: "\"#", at: index) {
                index += (isBlock ? 3 : 1) + (isRaw ? 1 : 0)
                break
            }
            if starts(with: isRaw ? "\\#(" : "\\(", at: index) {
                index = interpolation(at: index + (isRaw ? 3 : 2))
                pieces.append([])
            } else if bytes[index] == UInt8(ascii: "\\"), !isRaw, index + 1 < bytes.count {
                let escaped = bytes[index + 1]
                pieces[pieces.count - 1].append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
                index += 2
            } else {
                pieces[pieces.count - 1].append(bytes[index])
                index += 1
            }
        }
        literals.append(Literal(range: start..<index, pieces: pieces.map { String(decoding: $0, as: UTF8.self) }))
        return index
    }

    /// - Returns: the index behind the parenthesis that closes the interpolation whose text begins there.
    private mutating func interpolation(at start: Int) -> Int {
        var index = start
        var depth = 1
        while index < bytes.count, depth > 0 {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = literal(at: index)
            case UInt8(ascii: "("): (depth, index) = (depth + 1, index + 1)
            case UInt8(ascii: ")"): (depth, index) = (depth - 1, index + 1)
            default: index += 1
            }
        }
        return index
    }

    /// The ranges of the arguments of all calls whose text up to the parenthesis ends in `name`.
    func arguments(of name: String) -> [Range<Int>] {
        let opening = Array("\(name)(".utf8)
        return bytes.indices.compactMap { start in
            guard bytes[start...].starts(with: opening) else { return nil }
            // A longer identifier that ends in the name is another function.
            if start > 0, name.first?.isLetter == true, Self.isIdentifier(bytes[start - 1]) { return nil }
            var index = start + opening.count
            var depth = 1
            while index < bytes.count, depth > 0 {
                if let literal = literals.first(where: { $0.range.lowerBound == index }) {
                    index = literal.range.upperBound
                    continue
                }
                depth += bytes[index] == UInt8(ascii: "(") ? 1 : bytes[index] == UInt8(ascii: ")") ? -1 : 0
                index += 1
            }
            return start + opening.count..<index
        }
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isLetter || character.isNumber || character == "_"
    }
}

extension Substring {
    /// The text without the characters at its end that fulfil the condition.
    func droppingLast(while isDropped: (Character) -> Bool) -> String {
        var rest = self
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return String(rest)
    }
}
