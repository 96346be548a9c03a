/// An independent model of how mosquitto 2.0 parses `acl_file` and applies it: byte by byte, and as simple as possible.
struct MosquittoRules {
    private struct Rule {
        let filter: [UInt8]
        let access: String
    }

    private var users: [(name: [UInt8]?, rules: [Rule])] = []
    private var patterns: [Rule] = []

    /// Nil when the broker would reject the file.
    init?(_ file: [UInt8]) {
        var user: [UInt8]?
        for line in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard line.first != UInt8(ascii: "#") else { continue }
            let line = Self.trimmedEnd(line)
            guard let (word, rest) = Self.word(line) else {
                // strtok finds no word in a line of blanks.
                continue
            }
            switch String(decoding: word, as: UTF8.self) {
            case "user":
                guard let rest else { return nil }
                let name = Self.trimmed(rest)
                guard !name.isEmpty else { return nil }
                user = Array(name)
            case let kind where kind == "topic" || kind == "pattern":
                guard let rest, let rule = Self.rule(rest) else { return nil }
                if kind == "pattern" { Self.add(rule, to: &patterns) } else { add(rule, for: user) }
            default: return nil
            }
        }
    }

    private mutating func add(_ rule: Rule, for user: [UInt8]?) {
        if let index = users.firstIndex(where: { $0.name == user }) {
            Self.add(rule, to: &users[index].rules)
        } else {
            users.append((user, [rule]))
        }
    }

    private static func add(_ rule: Rule, to rules: inout [Rule]) {
        if rule.access == "deny" { rules.insert(rule, at: 0) } else { rules.append(rule) }
    }

    private static func rule(_ rest: ArraySlice<UInt8>) -> Rule? {
        guard let (first, second) = word(rest) else { return nil }
        var access = "readwrite"
        var filter = Array(first)
        if let second {
            access = String(decoding: first, as: UTF8.self)
            filter = Array(trimmed(second))
        }
        guard ["read", "write", "readwrite", "deny"].contains(access), isFilter(filter) else { return nil }
        return Rule(filter: filter, access: access)
    }

    // MARK: Queries

    func allowsPublishing(on topic: [UInt8], user: [UInt8]?, clientID: [UInt8]) -> Bool {
        let rules = users.first { $0.name == user }?.rules ?? []
        for rule in rules where Self.matches(rule.filter, topic) {
            if rule.access == "deny" { return false }
            if rule.access != "read" { return true }
        }
        guard !(clientID + (user ?? [])).contains(where: { $0 == 0x2B || $0 == 0x23 }) else { return false }
        for rule in patterns {
            let usesName = rule.filter.indices.dropLast().contains { rule.filter[$0...].starts(with: "%u".utf8) }
            if usesName, user == nil { continue }
            let filter = Self.filled(rule.filter, user ?? [], clientID)
            guard Self.matches(filter, topic) else { continue }
            if rule.access == "deny" { return false }
            if rule.access != "read" { return true }
        }
        return false
    }

    private static func filled(_ filter: [UInt8], _ user: [UInt8], _ clientID: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < filter.count {
            let pair = String(decoding: filter[index...].prefix(2), as: UTF8.self)
            if pair == "%u" { result += user } else if pair == "%c" { result += clientID }
            let isPlaceholder = pair == "%u" || pair == "%c"
            if !isPlaceholder { result.append(filter[index]) }
            index += isPlaceholder ? 2 : 1
        }
        return result
    }

    private static func matches(_ filter: [UInt8], _ topic: [UInt8]) -> Bool {
        matches(levels(filter)[...], levels(topic)[...])
    }

    private static func matches(_ filter: ArraySlice<[UInt8]>, _ topic: ArraySlice<[UInt8]>) -> Bool {
        guard let first = filter.first else { return topic.isEmpty }
        if first == [0x23] { return true }
        guard let level = topic.first, first == [0x2B] || first == level else { return false }
        return matches(filter.dropFirst(), topic.dropFirst())
    }

    private static func levels(_ text: [UInt8]) -> [[UInt8]] {
        text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
    }

    /// As mosquitto_sub_topic_check(3) does.
    private static func isFilter(_ filter: [UInt8]) -> Bool {
        let levels = levels(filter)
        let areWhole = levels.allSatisfy { $0.count == 1 || !$0.contains { $0 == 0x2B || $0 == 0x23 } }
        return !filter.isEmpty && filter.count < 65_536 && levels.count <= 201 && areWhole
            && !levels.dropLast().contains([0x23])
    }

    // MARK: Parsing

    /// strtok_r with a blank: the first word and the text after it; nil when there is no word.
    private static func word(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?)? {
        let text = text.drop { $0 == 0x20 }
        guard !text.isEmpty else { return nil }
        let word = text.prefix { $0 != 0x20 }
        let rest = text.dropFirst(word.count + 1)
        return (word, rest.isEmpty ? nil : rest)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        trimmedEnd(text).drop(while: isSpace)
    }

    private static func trimmedEnd(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    /// White space according to isspace(3).
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
