package import JSONCodec
import Model

/// A requester's `id`: a string or a number. It is repeated in the answer.
package enum RequestID: Hashable, Sendable {
    case string(String)
    case number(Double)

    init(_ json: JSON) throws(Failure) {
        switch json {
        case .string(let text):
            guard text.utf8.count <= Limits.requestID else {
                throw Failure(.malformedRequest, "id is longer than \(Limits.requestID) bytes")
            }
            self = .string(text)
        case .number(let value):
            guard value.magnitude < 9_007_199_254_740_992 else {
                throw Failure(.malformedRequest, "id is a number that not every reader can hold (2^53 or over)")
            }
            self = .number(value)
        default: throw Failure(.malformedRequest, "id must be a string or a number")
        }
    }

    /// Compares bytes: Swift takes two spellings of an accented letter for equal, but they are two ids.
    package static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.number(let left), .number(let right)): left == right
        case (.string, .number), (.number, .string): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .number(let value): hasher.combine(value)
        }
    }

    package var json: JSON {
        switch self {
        case .string(let text): .string(text)
        case .number(let value): .number(value)
        }
    }
}
