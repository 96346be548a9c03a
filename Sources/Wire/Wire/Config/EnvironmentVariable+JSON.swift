package import JSONCodec
package import Model

extension EnvironmentVariable {
    /// Decodes the members of a config's `env`, in their order.
    static func list(_ field: Field) throws(Failure) -> [EnvironmentVariable] {
        guard let members = field.json.members else { throw field.invalid("an object") }
        var variables: [EnvironmentVariable] = []
        for member in members {
            guard !member.key.isEmpty, !member.key.utf8.contains(UInt8(ascii: "=")) else {
                throw Failure(.invalidArgument, "\(field.name) holds a name that is empty or contains =")
            }
            let value = try Value(Field(name: field.name(of: member.key), json: member.value))
            variables.append(EnvironmentVariable(name: member.key, value: value))
        }
        return variables
    }
}

extension EnvironmentVariable.Value {
    fileprivate init(_ field: Field) throws(Failure) {
        if let text = field.json.string {
            self = .text(text)
            return
        }
        guard field.json.members != nil else { throw field.invalid("a string, or an object with a file") }
        let (_, file) = try field.object(of: ["file"]).only(of: ["file"])
        self = .file(try file.absolutePath())
    }

    /// A string, or `{"file":"/path"}`.
    package var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .file(let path): ["file": .string(path)]
        }
    }
}
