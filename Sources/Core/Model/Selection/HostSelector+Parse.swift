extension HostSelector {
    /// Whether the text is a selector: it has a character that no host name can have, and that selectors use.
    package static func isSelector(_ text: some StringProtocol) -> Bool {
        text.utf8.contains { special.contains($0) }
    }

    private static let special = Set("*?[],!=".utf8)

    /// - Throws: `invalid_argument` for an empty term, a `[` without its `]`, and more than ``Limits/selectorTerms``
    ///   terms.
    package init(_ text: String) throws(Failure) {
        var terms: [(Term, Bool)] = []
        for part in try Self.split(text) {
            guard terms.count < Limits.selectorTerms else {
                throw Failure(.invalidArgument, "a selector has at most \(Limits.selectorTerms) terms")
            }
            let isExclusion = part.first == "!"
            terms.append((try Self.term(isExclusion ? part.dropFirst() : part, of: text), isExclusion))
        }
        self.init(terms: terms)
    }

    /// The terms between the commas, without the spaces around them.
    private static func split(_ text: String) throws(Failure) -> [ArraySlice<Unicode.Scalar>] {
        let scalars = Array(text.unicodeScalars)
        var parts: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            if scalars[index] == "," {
                parts.append(trimmed(scalars[start..<index]))
                start = index + 1
            } else if scalars[index] == "[" {
                index = try end(ofSetAt: index, in: scalars[...], of: text)
            }
            index += 1
        }
        return parts + [trimmed(scalars[start...])]
    }

    private static func end(
        ofSetAt index: Int, in scalars: ArraySlice<Unicode.Scalar>, of text: String
    ) throws(Failure) -> Int {
        guard let end = Glob.endOfSet(in: scalars, at: index) else {
            throw Failure(.invalidArgument, "\"\(text)\" has a [ without its ]")
        }
        return end
    }

    private static func trimmed(_ part: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var rest = part.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }

    private static func term(_ part: ArraySlice<Unicode.Scalar>, of text: String) throws(Failure) -> Term {
        guard let first = part.first else { throw Failure(.invalidArgument, "\"\(text)\" has an empty term") }
        guard first != "!" else { throw Failure(.invalidArgument, "\"\(text)\" has a term with two !") }
        guard let equals = try separator(in: part, of: text) else { return .name(try glob(part)) }
        let value = try glob(part[(equals + 1)...])
        let isOther = equals > part.startIndex && part[equals - 1] == "!"
        let key = part[..<(isOther ? equals - 1 : equals)]
        guard !key.isEmpty else { throw Failure(.invalidArgument, "\"\(text)\" has a term without a label") }
        return isOther ? .otherLabel(Self.text(key), value) : .label(Self.text(key), value)
    }

    /// The first `=` outside of sets.
    private static func separator(in part: ArraySlice<Unicode.Scalar>, of text: String) throws(Failure) -> Int? {
        var index = part.startIndex
        while index < part.endIndex {
            if part[index] == "=" { return index }
            if part[index] == "[" { index = try end(ofSetAt: index, in: part, of: text) }
            index += 1
        }
        return nil
    }

    private static func glob(_ scalars: ArraySlice<Unicode.Scalar>) throws(Failure) -> Glob {
        try Glob(text(scalars))
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
