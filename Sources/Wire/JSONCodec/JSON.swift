/// A JSON value. Members keep their order; a parsed object has no duplicate keys.
///
/// `JSON+Parse` reads it with cJSON after ``StrictGrammar`` has checked the text; `JSON+Print` writes it.
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])
    /// Printed unchanged: JSON text that was valid when it was received.
    case raw(String)

    package struct Member: Equatable, Sendable {
        package let key: String
        package let value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }
}

extension JSON {
    package static func number(_ value: some BinaryInteger) -> JSON { .number(Double(value)) }

    /// The value of a member; nil when this is not an object or has no such member.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The value of an optional member: null counts as no member.
    package func optional(_ key: String) -> JSON? {
        let value = self[key]
        return value == .null ? nil : value
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var array: [JSON]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    package var members: [Member]? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The number, if it is a whole number that a double represents exactly (magnitude up to 2^53).
    package var integer: Int? {
        guard let value = number, value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: value)
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral
{
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
