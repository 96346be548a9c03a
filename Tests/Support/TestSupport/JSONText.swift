/// The text of a JSON object that a test builds, member by member and in order.
package protocol JSONText: Sendable, CustomStringConvertible {
    /// The texts of the members, such as `"a":1`.
    var members: [String] { get set }
}

extension JSONText {
    /// In a text that a test writes, such an object stands for its JSON.
    package var description: String { text }

    package var text: String { "{\(members.joined(separator: ","))}" }

    package func with(_ key: String, _ value: JSONValue) -> Self { raw("\(JSONValue.string(key).text):\(value.text)") }

    /// Adds members as they are, for what a value cannot express.
    package func raw(_ text: String) -> Self {
        var copy = self
        copy.members.append(text)
        return copy
    }
}
