import JSONCodec
import Model

extension JSON {
    /// Nil when the text is rejected.
    static func read(_ bytes: [UInt8], nestingLimit: Int = Limits.nesting) -> JSON? {
        try? JSON.parse(bytes.span, sizeLimit: 1 << 22, nestingLimit: nestingLimit)
    }

    /// Whether JSON can represent all of its numbers: 1e999 is parsed as infinity, and printed as null.
    var isFinite: Bool {
        switch self {
        case .null, .bool, .string, .raw: true
        case .number(let value): value.isFinite
        case .array(let elements): elements.allSatisfy(\.isFinite)
        case .object(let members): members.allSatisfy(\.value.isFinite)
        }
    }

    /// Nesting depth of arrays and objects.
    var depth: Int {
        switch self {
        case .null, .bool, .number, .string, .raw: 0
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
        }
    }

    /// Equality by bytes; `==` takes two spellings of an accented letter for equal.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)), (.raw(let left), .raw(let right)):
            left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy {
                    $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.isSame(as: $1.value)
                }
        default: self == other
        }
    }
}
