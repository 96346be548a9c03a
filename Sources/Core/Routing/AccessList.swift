package import Model

/// The broker's `acl_file`, as mosquitto.conf(5) has it: who may publish where.
///
/// The hub needs it because what it routes is not checked by the broker again. As in the broker, a `deny` comes before
/// whatever else is said of a topic, `topic` lines before the first `user` are for those without a name, and who is mentioned
/// nowhere may do nothing. All is compared byte by byte, as the broker does: to Swift, the Kelvin sign is a K.
package struct AccessList: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        /// As it stands there: a pattern's is filled with names before it is one.
        let text: [UInt8]
        let filter: TopicFilter
        let isDenial: Bool
        let allowsWriting: Bool
    }

    /// By user; nil is who has no name.
    private var topics: [[UInt8]?: [Rule]] = [:]
    private var patterns: [Rule] = []

    /// - Parameter text: of the file. A line that the broker would not take is a failure, which names it.
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

    /// Denials are judged first, as in the broker.
    private func add(_ rule: Rule, to rules: inout [Rule]) {
        if rule.isDenial { rules.insert(rule, at: 0) } else { rules.append(rule) }
    }

    private static func rule(_ text: Text, _ line: Int) throws(Failure) -> Rule {
        let (word, rest) = cut(text)
        // The word for the access can be left out.
        let (access, topic) = rest.isEmpty ? ("readwrite", word) : (String(word) ?? "", rest)
        guard ["read", "write", "readwrite", "deny"].contains(access) else {
            throw invalid(line, "\(access) is no access")
        }
        guard let filter = TopicFilter(topic) else { throw invalid(line, "it names no topic") }
        return Rule(
            text: Array(topic), filter: filter, isDenial: access == "deny", allowsWriting: access.hasSuffix("write"))
    }

    private static func invalid(_ line: Int, _ reason: String) -> Failure {
        Failure(.invalidArgument, "line \(line + 1): \(reason)")
    }

    // MARK: Asking

    /// Whether the broker would let a client publish there.
    ///
    /// - Parameters:
    ///   - user: nil for one that has given no name.
    ///   - topic: of no `$` tree.
    package func allowsPublishing(on topic: String, user: String?, clientID: String) -> Bool {
        let topic = Array(topic.utf8), user = user.map { Array($0.utf8) }, clientID = Array(clientID.utf8)
        for rule in topics[user] ?? [] where rule.filter.matches(topic) {
            if rule.isDenial { return false }
            if rule.allowsWriting { return true }
        }
        // A name that is a wildcard would match what is somebody else's.
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

    /// Nil when it is about users, and there is none.
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

    // MARK: Words

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

    /// As isspace(3) has it.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
