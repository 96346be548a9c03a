package import JSONCodec
package import Model

extension Dependency {
    /// Decodes an id, or `{"process_id","condition"}`.
    init(_ field: Field) throws(Failure) {
        guard field.json.members != nil else {
            self.init(try field.processID())
            return
        }
        let fields = try field.object(of: ["process_id", "condition"])
        guard let id = fields["process_id"] else {
            throw Failure(.missingArgument, "missing \(field.name(of: "process_id"))")
        }
        self.init(try id.processID(), try fields["condition"].map(Self.condition) ?? .up)
    }

    private static func condition(_ field: Field) throws(Failure) -> Condition {
        guard let condition = field.json.string.flatMap(Condition.init(rawValue:)) else {
            throw field.invalid(Condition.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return condition
    }

    package var json: JSON {
        let id = JSON.string(id.description)
        return condition == .up ? id : ["process_id": id, "condition": .string(condition.rawValue)]
    }
}
