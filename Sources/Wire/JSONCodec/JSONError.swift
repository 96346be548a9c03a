/// Why bytes are not a JSON text that pmqtt accepts.
package enum JSONError: Error, Equatable, Sendable {
    case tooLarge(limit: Int)
    case tooDeep(limit: Int)
    case invalidUTF8
    /// A NUL, literally or as `\u0000`: it would end a string early in C code.
    case nulCharacter
    case duplicateKey(String)
    /// Offset of the first invalid byte.
    case unexpected(offset: Int)
    case empty
    case outOfMemory

    /// A lower-case phrase for people, as part of a sentence.
    package var description: String {
        switch self {
        case .tooLarge(let limit): "larger than \(limit) bytes"
        case .tooDeep(let limit): "nested more than \(limit) levels deep"
        case .invalidUTF8: "not valid UTF-8"
        case .nulCharacter: "a NUL character in a string"
        case .duplicateKey(let key): "duplicate key \"\(key)\""
        case .unexpected(let offset): "not valid JSON at byte \(offset)"
        case .empty: "empty"
        case .outOfMemory: "out of memory"
        }
    }
}
