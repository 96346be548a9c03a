/// Why bytes are no JSON that pmqtt takes.
package enum JSONError: Error, Equatable, Sendable {
    case tooLarge(limit: Int)
    case tooDeep(limit: Int)
    case invalidUTF8
    /// A NUL, written out or as `\u0000`: it would end a string early wherever C reads it.
    case nulCharacter
    case duplicateKey(String)
    /// The offset of the first byte that can't be there.
    case unexpected(offset: Int)
    case empty
    case outOfMemory

    /// A lower-case phrase for people.
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
