package import Model

/// The broker's `acl_file`, as mosquitto.conf(5) has it: who may publish where.
///
/// The hub needs it because what it routes is not checked by the broker again. As in the broker, a `deny` comes before
/// whatever else is said of a topic, `topic` lines before the first `user` are for those without a name, and who is mentioned
/// nowhere may do nothing.
package struct AccessList: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        let topic: String
        let isDenial: Bool
        let allowsWriting: Bool
    }

    /// By the bytes of the user's name, as the broker compares them; nil is who has no name.
    private var topics: [[UInt8]?: [Rule]] = [:]
    private var patterns: [Rule] = []

    /// - Parameter text: of the file. A line that the broker would not take is a failure, which names it.
    package init(_ text: String) throws(Failure) {
        var user: [UInt8]?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.first != "#" else { continue }
            let (word, rest) = Self.cut(Self.trimmed(line))
            switch word {
            case "": continue
            case "user" where !rest.isEmpty: user = Array(rest.utf8)
            case "topic": try add(Self.rule(rest, index), to: &topics[user, default: []])
            case "pattern": try add(Self.rule(rest, index), to: &patterns)
            default: throw Self.invalid(index, "it begins with neither topic, pattern nor user")
            }
        }
    }

    private func add(_ rule: Rule, to rules: inout [Rule]) {
        if rule.isDenial { rules.insert(rule, at: 0) } else { rules.append(rule) }
    }

    private static func rule(_ text: Substring, _ line: Int) throws(Failure) -> Rule {
        let (word, rest) = cut(text)
        // The word for the access can be left out.
        let (access, topic) = rest.isEmpty ? ("readwrite", word) : (word, rest)
        guard ["read", "write", "readwrite", "deny"].contains(access) else {
            throw invalid(line, "\(access) is no access")
        }
        guard isFilter(topic) else { throw invalid(line, "it names no topic") }
        return Rule(topic: String(topic), isDenial: access == "deny", allowsWriting: access.hasSuffix("write"))
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
        for rule in topics[user.map { Array($0.utf8) }] ?? [] where Self.matches(rule.topic, topic) {
            if rule.isDenial { return false }
            if rule.allowsWriting { return true }
        }
        guard !patterns.isEmpty, Self.isHarmless(user ?? ""), Self.isHarmless(clientID) else { return false }
        for rule in patterns {
            guard let filter = Self.filled(rule.topic, user, clientID), Self.matches(filter, topic) else { continue }
            if rule.isDenial { return false }
            if rule.allowsWriting { return true }
        }
        return false
    }

    /// A name that is a wildcard would match what is somebody else's.
    private static func isHarmless(_ name: String) -> Bool { !name.utf8.contains { $0 == 0x2B || $0 == 0x23 } }

    /// Nil when it is about users, and there is none.
    private static func filled(_ pattern: String, _ user: String?, _ clientID: String) -> String? {
        var result: [UInt8] = []
        var rest = pattern.utf8[...]
        while let byte = rest.popFirst() {
            switch (byte, rest.first) {
            case (UInt8(ascii: "%"), UInt8(ascii: "c")): result += clientID.utf8
            case (UInt8(ascii: "%"), UInt8(ascii: "u")):
                guard let user else { return nil }
                result += user.utf8
            default:
                result.append(byte)
                continue
            }
            _ = rest.popFirst()
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether a filter takes in a topic (MQTT 5 section 4.7).
    static func matches(_ filter: String, _ topic: String) -> Bool {
        let filter = levels(filter), topic = levels(topic)
        for (index, level) in filter.enumerated() {
            // It stands for the level above it as well.
            if level.elementsEqual("#".utf8) { return topic.count >= index }
            guard index < topic.count, level.elementsEqual("+".utf8) || level.elementsEqual(topic[index]) else {
                return false
            }
        }
        return filter.count == topic.count
    }

    /// By bytes: to a Swift string a slash before an accent is none, and two spellings of one letter are the same.
    private static func levels(_ text: String) -> [Substring.UTF8View] {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    // MARK: Words

    private static func cut(_ text: Substring) -> (Substring, Substring) {
        let text = text.drop { $0 == " " }
        let word = text.prefix { $0 != " " }
        return (word, trimmed(text[word.endIndex...]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// `#` stands at the end alone, `+` is a whole level.
    private static func isFilter(_ text: Substring) -> Bool {
        let levels = levels(String(text))
        return !text.isEmpty
            && levels.enumerated().allSatisfy { index, level in
                level.elementsEqual("+".utf8) || level.elementsEqual("#".utf8) && index == levels.count - 1
                    || !level.contains { $0 == 0x2B || $0 == 0x23 }
            }
    }
}
