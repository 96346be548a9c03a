import Model
import Routing

/// The hub's decisions by the ACL file equal the broker's, which ``MosquittoRules`` models.
enum AccessFuzz {
    private static let names = ["a", "K", "\u{212A}", "web admin", "\u{E9}", "e\u{301}", "+", "#", "a/b", ""]
    private static let hosts = ["a", "K", "web.1"]

    /// The first three bytes choose user, client id and topic; the rest is the file.
    static func check(_ bytes: [UInt8]) throws(Violation) {
        var input = ByteReader(bytes)
        let user = input.choice(names.map { Optional($0) } + [nil])
        let clientID = input.choice(names)
        let topic = "pm/\(input.choice(hosts))/control"
        guard let text = input.text(), !text.utf8.contains(0) else { return }
        guard let rules = MosquittoRules(Array(text.utf8)) else { return }
        let list: AccessList
        do { list = try AccessList(text) } catch {
            throw Violation(description: "a file that the broker accepts is refused: \(error.detail)")
        }
        let wanted = rules.allowsPublishing(
            on: Array(topic.utf8), user: user.map { Array($0.utf8) }, clientID: Array(clientID.utf8))
        let given = list.allowsPublishing(on: topic, user: user, clientID: clientID)
        try hold(
            given == wanted,
            "\(user ?? "anonymous") with id \(clientID) may publish on \(topic): \(given), for the broker \(wanted)")
    }
}
