package import Model

/// The broker's `acl_file` (mosquitto.conf(5)): which client may publish on which topic.
///
/// The hub checks it because the broker does not check a routed request again. The rules are the broker's: a `deny`
/// precedes all other rules of a topic, `topic` lines before the first `user` apply to anonymous clients, and users
/// that are not mentioned have no rights. ``AccessControl`` of the hub reads the file and asks for each request.
///
/// All text is compared byte by byte, as in the broker. Comparing Swift strings would be wrong: they take the Kelvin
/// sign for a K.
package struct AccessList: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        /// The text of the rule. In a pattern, names must be substituted before it is a filter.
        let text: [UInt8]
        let filter: TopicFilter
        let isDenial: Bool
        let allowsWriting: Bool
    }

    /// By user; nil stands for anonymous clients.
    private var topics: [[UInt8]?: [Rule]] = [:]
    private var patterns: [Rule] = []

    /// - Parameter text: content of the file.
    /// - Throws: invalid_argument for a line that the broker would not accept; the detail has the line number.
    package init(_ text: String) throws(Failure) {
        var user: [UInt8]?
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard line.first != UInt8(ascii: "#") else { continue }
            let (word, rest) = Self.cut(Self.trimmed(line))
            switch String(word) {
            case "": continue
            case "user" where !rest.isEmpty: user = Array(rest)
            case "topic": try add(Self.rule(rest, index), to: &topics[user, default: []])
            case "pattern": try add(Self.rule(rest, index), to: &patterns)
            default: throw Self.invalid(index, "it begins with neither topic, pattern nor user")
            }
        }
    }

    /// Denials are checked first, as in the broker.
    private func add(_ rule: Rule, to rules: inout [Rule]) {
        if rule.isDenial { rules.insert(rule, at: 0) } else { rules.append(rule) }
    }

    private static func rule(_ text: Text, _ line: Int) throws(Failure) -> Rule {
        let (word, rest) = cut(text)
        // The access type can be omitted.
        let (access, topic) = rest.isEmpty ? ("readwrite", word) : (String(word) ?? "", rest)
        guard ["read", "write", "readwrite", "deny"].contains(access) else {
            throw invalid(line, "\(access) is not an access type")
        }
        guard let filter = TopicFilter(topic) else { throw invalid(line, "it has no valid topic") }
        return Rule(
            text: Array(topic), filter: filter, isDenial: access == "deny", allowsWriting: access.hasSuffix("write"))
    }

    private static func invalid(_ line: Int, _ reason: String) -> Failure {
        Failure(.invalidArgument, "line \(line + 1): \(reason)")
    }

    // MARK: Queries

    /// Whether the broker would let a client publish on a topic.
    ///
    /// - Parameters:
    ///   - user: nil for an anonymous client.
    ///   - topic: not below `$`.
    package func allowsPublishing(on topic: String, user: String?, clientID: String) -> Bool {
        let topic = Array(topic.utf8), user = user.map { Array($0.utf8) }, clientID = Array(clientID.utf8)
        for rule in topics[user] ?? [] where rule.filter.matches(topic) {
            if rule.isDenial { return false }
            if rule.allowsWriting { return true }
        }
        // A user name or client id with a wildcard would match the topics of other clients.
        guard !patterns.isEmpty, !TopicFilter.hasWildcard(user ?? []), !TopicFilter.hasWildcard(clientID) else {
            return false
        }
        for rule in patterns {
            guard let text = Self.filled(rule.text, user, clientID), let filter = TopicFilter(text),
                filter.matches(topic)
            else { continue }
            if rule.isDenial { return false }
            if rule.allowsWriting { return true }
        }
        return false
    }

    /// Nil when the pattern contains the user name and there is none.
    private static func filled(_ pattern: [UInt8], _ user: [UInt8]?, _ clientID: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            switch (byte, rest.first) {
            case (UInt8(ascii: "%"), UInt8(ascii: "c")): result += clientID
            case (UInt8(ascii: "%"), UInt8(ascii: "u")):
                guard let user else { return nil }
                result += user
            default:
                result.append(byte)
                continue
            }
            _ = rest.popFirst()
        }
        return result
    }

    // MARK: Parsing

    private typealias Text = Substring.UTF8View

    private static func cut(_ text: Text) -> (Text, Text) {
        let text = text.drop { $0 == 0x20 }
        let word = text.prefix { $0 != 0x20 }
        return (word, trimmed(text[word.endIndex...]))
    }

    private static func trimmed(_ text: Text) -> Text {
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    /// White space according to isspace(3).
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
