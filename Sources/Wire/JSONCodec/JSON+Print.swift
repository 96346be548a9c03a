import CcJSON

extension JSON {
    /// The JSON text, without white space. Numbers that JSON can't represent (infinities, NaN) are printed as `null`.
    ///
    /// Empty only when there is no memory.
    package func printed() -> [UInt8] {
        guard let item = makeItem() else { return [] }
        defer { cJSON_Delete(item) }
        guard let text = cJSON_PrintUnformatted(item) else { return [] }
        defer { cJSON_free(text) }
        var bytes: [UInt8] = []
        var end = text
        while end.pointee != 0 { end += 1 }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: text, count: end - text))
        return bytes
    }

    /// A cJSON tree of this value, owned by the caller; nil when there is no memory.
    private func makeItem() -> UnsafeMutablePointer<cJSON>? {
        switch self {
        case .null: return cJSON_CreateNull()
        case .bool(let value): return cJSON_CreateBool(value ? 1 : 0)
        // cJSON prints 15 digits if it considers that close enough, so 2^53 would become another number.
        case .number(let value): return value.isFinite ? cJSON_CreateRaw(Self.text(value)) : cJSON_CreateNull()
        case .string(let value): return cJSON_CreateString(value)
        case .raw(let text): return cJSON_CreateRaw(text)
        case .array(let elements):
            let array = cJSON_CreateArray()
            for element in elements { cJSON_AddItemToArray(array, element.makeItem()) }
            return array
        case .object(let members):
            let object = cJSON_CreateObject()
            for member in members { cJSON_AddItemToObject(object, member.key, member.value.makeItem()) }
            return object
        }
    }

    /// The shortest text that represents this number exactly; a whole number has no decimal point and, up to 2^53, no
    /// exponent.
    private static func text(_ value: Double) -> String {
        guard value.magnitude <= 9_007_199_254_740_992, let whole = Int(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }
}
