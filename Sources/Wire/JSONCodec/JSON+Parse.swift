import CcJSON

extension JSON {
    /// Parses one JSON text.
    ///
    /// - Parameters:
    ///   - sizeLimit: bytes of the text.
    ///   - nestingLimit: levels of arrays and objects, at most 63.
    package static func parse(
        _ bytes: Span<UInt8>, sizeLimit: Int, nestingLimit: Int
    ) throws(JSONError) -> JSON {
        guard bytes.count <= sizeLimit else { throw .tooLarge(limit: sizeLimit) }
        try StrictGrammar.check(bytes, nestingLimit: nestingLimit)
        let root = bytes.withUnsafeBufferPointer { cJSON_ParseWithLength($0.baseAddress, $0.count) }
        // The grammar has been checked, so the only possible cause is a lack of memory.
        guard let root else { throw .outOfMemory }
        defer { cJSON_Delete(root) }
        return try JSON(root.pointee)
    }

    private init(_ item: cJSON) throws(JSONError) {
        switch item.type & 0xFF {
        case cJSON_False: self = .bool(false)
        case cJSON_True: self = .bool(true)
        case cJSON_Number: self = .number(item.valuedouble)
        case cJSON_String: self = .string(item.valuestring.map { String(cString: $0) } ?? "")
        case cJSON_Array: self = .array(try Self.elements(of: item))
        case cJSON_Object: self = .object(try Self.members(of: item))
        default: self = .null
        }
    }

    private static func elements(of item: cJSON) throws(JSONError) -> [JSON] {
        var elements: [JSON] = []
        var child = item.child
        while let element = child?.pointee {
            elements.append(try JSON(element))
            child = element.next
        }
        return elements
    }

    private static func members(of item: cJSON) throws(JSONError) -> [Member] {
        var members: [Member] = []
        var keys: Set<ExactKey> = []
        var child = item.child
        while let member = child?.pointee {
            let key = member.string.map { String(cString: $0) } ?? ""
            guard keys.insert(ExactKey(text: key)).inserted else { throw .duplicateKey(key) }
            members.append(Member(key, try JSON(member)))
            child = member.next
        }
        return members
    }
}

/// A key, compared by its bytes: Swift takes "é" and "e" with a combining accent for equal strings, JSON does not.
private struct ExactKey: Hashable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
