/// A pattern that matches a text as a whole, case as it is: `*`, `?`, `[a-z]`, `[!a-z]`. Every other character stands
/// for itself, also a `]` that closes nothing.
///
/// A character is a Unicode scalar. As in fnmatch(3), a `]` right after `[` or `[!` belongs to the set.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    private enum Piece: Hashable, Sendable {
        case character(UInt32)
        /// `?`
        case one
        /// `*`
        case any
        case set([ClosedRange<UInt32>], isInverted: Bool)
    }

    package let description: String
    private let pieces: [Piece]
    /// Characters that a matching text has at least.
    private let leastLength: Int

    /// Whether the text has a character that is special in a pattern. Without one, a pattern matches only itself.
    package static func isPattern(_ text: some StringProtocol) -> Bool {
        text.utf8.contains { special.contains($0) }
    }

    private static let special: Set<UInt8> = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]

    /// - Throws: `invalid_argument` for a `[` without its `]` and for a range whose end is before its start.
    package init(_ text: String) throws(Failure) {
        description = text
        let scalars = Array(text.unicodeScalars)
        var pieces: [Piece] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*": if pieces.last != .any { pieces.append(.any) }
            case "?": pieces.append(.one)
            case "[":
                guard let end = Self.endOfSet(in: scalars[...], at: index - 1) else {
                    throw Failure(.invalidArgument, "\"\(text)\" has a [ without its ]")
                }
                pieces.append(try Self.set(scalars[index..<end], of: text))
                index = end + 1
            default: pieces.append(.character(scalar.value))
            }
        }
        self.pieces = pieces
        leastLength = pieces.count { $0 != .any }
    }

    /// Matches only this name.
    init(_ name: Name) {
        description = name.description
        pieces = description.unicodeScalars.map { .character($0.value) }
        leastLength = pieces.count
    }

    /// The index of the `]` that closes the `[` at `start`; nil without one.
    static func endOfSet(in scalars: ArraySlice<Unicode.Scalar>, at start: Int) -> Int? {
        var index = start + 1
        if index < scalars.endIndex, scalars[index] == "!" { index += 1 }
        if index < scalars.endIndex, scalars[index] == "]" { index += 1 }
        while index < scalars.endIndex, scalars[index] != "]" { index += 1 }
        return index < scalars.endIndex ? index : nil
    }

    /// - Parameter content: what stands between `[` and `]`.
    private static func set(_ content: ArraySlice<Unicode.Scalar>, of text: String) throws(Failure) -> Piece {
        let isInverted = content.first == "!"
        var rest = isInverted ? content.dropFirst() : content
        var ranges: [ClosedRange<UInt32>] = []
        while let first = rest.popFirst() {
            // A dash at the start or the end stands for itself.
            guard rest.count >= 2, rest.first == "-", let last = rest.dropFirst().first else {
                ranges.append(first.value...first.value)
                continue
            }
            rest = rest.dropFirst(2)
            guard first <= last else {
                throw Failure(.invalidArgument, "\"\(text)\" has the range \(first)-\(last), which is empty")
            }
            ranges.append(first.value...last.value)
        }
        return .set(ranges, isInverted: isInverted)
    }

    /// Takes at most as many steps as the product of both lengths.
    package func matches(_ text: String) -> Bool {
        let characters = text.unicodeScalars.map(\.value)
        guard leastLength <= characters.count else { return false }
        var (piece, position) = (0, 0)
        // After the latest `*`: where to go on, with one character more for it, when the rest does not match.
        var retry: (piece: Int, position: Int)?
        while position < characters.count {
            if piece < pieces.count, pieces[piece] == .any {
                piece += 1
                retry = (piece, position)
            } else if piece < pieces.count, Self.matches(pieces[piece], characters[position]) {
                piece += 1
                position += 1
            } else if let last = retry {
                piece = last.piece
                position = last.position + 1
                retry = (piece, position)
            } else {
                return false
            }
        }
        return pieces[piece...].allSatisfy { $0 == .any }
    }

    private static func matches(_ piece: Piece, _ character: UInt32) -> Bool {
        switch piece {
        case .character(let other): character == other
        case .one, .any: true
        case .set(let ranges, let isInverted): ranges.contains { $0.contains(character) } != isInverted
        }
    }
}
