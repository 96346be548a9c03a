import JSONCodec
import Model

/// A value of a config with its full name, such as `config.restart.delay`. Each refusal begins with that name.
struct Field {
    let name: String
    let json: JSON

    /// A member as a field; nil when there is none, when it is null, or when this is not an object.
    subscript(key: String) -> Field? {
        guard let value = json.optional(key) else { return nil }
        return Field(name: name(of: key), json: value)
    }

    func name(of key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    /// - Parameter what: continues "config.restart.delay must be …".
    func invalid(_ what: String) -> Failure { Failure(.invalidArgument, "\(name) must be \(what)") }

    // MARK: Objects and lists

    /// Checks that this is an object with no other members than these, so that a misspelt name is not ignored silently.
    func object(of keys: [String]) throws(Failure) -> Field {
        guard let members = json.members else { throw invalid("an object") }
        for member in members where !keys.contains(member.key) {
            throw Failure(.invalidArgument, "\(name) has no field \"\(member.key)\": \(Self.list(keys))")
        }
        return self
    }

    /// The one member that is present of several that exclude each other.
    func only(of keys: [String]) throws(Failure) -> (key: String, field: Field) {
        let present = keys.filter { json.optional($0) != nil }
        guard present.count == 1, let key = present.first, let field = self[key] else {
            throw Failure(.invalidArgument, "\(name) must have exactly one of \(Self.list(keys))")
        }
        return (key, field)
    }

    func elements(_ what: String, atMost limit: Int = .max) throws(Failure) -> [Field] {
        guard let elements = json.array, elements.count <= limit else { throw invalid(what) }
        return elements.enumerated().map { Field(name: "\(name)[\($0)]", json: $1) }
    }

    private static func list(_ keys: [String]) -> String { keys.joined(separator: ", ") }

    // MARK: Words

    func string() throws(Failure) -> String {
        guard let text = json.string else { throw invalid("a string") }
        return text
    }

    func string(bytes: ClosedRange<Int>) throws(Failure) -> String {
        guard let text = json.string, bytes.contains(text.utf8.count) else {
            throw invalid("a string of \(bytes.lowerBound) to \(bytes.upperBound) bytes")
        }
        return text
    }

    func strings() throws(Failure) -> [String] {
        guard let elements = json.array else { throw invalid("an array of strings") }
        let strings = elements.compactMap(\.string)
        guard strings.count == elements.count else { throw invalid("an array of strings") }
        return strings
    }

    /// Decodes a command line, or an array of words.
    func words() throws(Failure) -> [String] {
        guard let line = json.string else {
            guard json.array != nil else { throw invalid("a string or an array of strings") }
            return try strings()
        }
        do { return try ShellWords.split(line) } catch { throw Failure(error.code, "\(name) \(error.detail)") }
    }

    func absolutePath() throws(Failure) -> String {
        guard let path = json.string, path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= Limits.path else {
            throw invalid("an absolute path of at most \(Limits.path) bytes")
        }
        return path
    }

    func processID() throws(Failure) -> Name {
        guard let text = json.string, let name = Name(text) else {
            throw invalid("1 to \(Limits.nameLength) of A-Z a-z 0-9 . _ -, a letter or digit first")
        }
        return name
    }

    func bool() throws(Failure) -> Bool {
        guard let value = json.bool else { throw invalid("true or false") }
        return value
    }
}
