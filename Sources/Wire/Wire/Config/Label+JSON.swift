package import JSONCodec
package import Model

extension Label {
    /// - Parameters:
    ///   - json: object such as `{"rack":"7"}`.
    ///   - name: name of the object in refusals.
    package static func list(_ json: JSON, named name: String = "labels") throws(Failure) -> [Label] {
        guard let members = json.members, members.count <= Limits.labels else {
            throw Failure(.invalidArgument, "\(name) must be an object of at most \(Limits.labels) members")
        }
        var labels: [Label] = []
        for member in members {
            guard !member.key.isEmpty else { throw Failure(.invalidArgument, "\(name) must not hold an empty name") }
            let isShort = member.key.utf8.count <= Limits.labelLength
            guard isShort, let value = member.value.string, value.utf8.count <= Limits.labelLength else {
                throw Failure(
                    .invalidArgument, "\(name).\(member.key) must be a string of at most \(Limits.labelLength) bytes")
            }
            labels.append(Label(name: member.key, value: value))
        }
        return labels
    }

    package static func json(_ labels: [Label]) -> JSON { .object(labels.map { .init($0.name, .string($0.value)) }) }
}
