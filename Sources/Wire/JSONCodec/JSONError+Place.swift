extension JSONError {
    /// The error with the line and the column where it is, for people that edit the text: `… at line 3, column 7`.
    ///
    /// - Parameters:
    ///   - bytes: the text that was parsed.
    ///   - nestingLimit: the limit with which it was parsed.
    package func description(in bytes: Span<UInt8>, nestingLimit: Int) -> String {
        guard let offset = offset(in: bytes, nestingLimit: nestingLimit) else { return description }
        let place = Self.place(of: offset, in: bytes)
        let reason: String
        switch self {
        case .unexpected where offset < bytes.count: reason = "not valid JSON"
        case .unexpected: reason = "not valid JSON: it ends"
        default: reason = description
        }
        return "\(reason) at line \(place.line), column \(place.column)"
    }

    /// The offset of the first byte that is wrong; nil if the error is not at one place.
    private func offset(in bytes: Span<UInt8>, nestingLimit: Int) -> Int? {
        switch self {
        case .unexpected(let offset): offset
        case .duplicateKey: DuplicateKeySearch.offset(in: bytes)
        case .invalidUTF8, .nulCharacter, .tooDeep: StrictGrammar.offsetOfError(in: bytes, nestingLimit: nestingLimit)
        case .tooLarge, .empty, .outOfMemory: nil
        }
    }

    /// Line and column of a byte, both from 1. A column is a character (Unicode scalar), also a tab.
    private static func place(of offset: Int, in bytes: Span<UInt8>) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for index in 0..<min(offset, bytes.count) {
            switch bytes[index] {
            case UInt8(ascii: "\n"): (line, column) = (line + 1, 1)
            // A continuation byte of UTF-8.
            case 0x80..<0xC0: break
            default: column += 1
            }
        }
        return (line, column)
    }
}
