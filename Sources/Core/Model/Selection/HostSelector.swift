/// Which hosts a request is for, by name and label: `edge-*,rack=7,!edge-13`.
///
///     selector = term *("," term)
///     term     = ["!"] ( glob | label "=" glob | label "!=" glob )
///
/// A ``Glob`` without label matches names, and one of several has to match. Each label term has to hold; `!=` also holds
/// for hosts without the label. A term with `!` takes hosts away.
package struct HostSelector: Hashable, Sendable {
    /// One condition on a host.
    package enum Term: Hashable, Sendable {
        case name(Glob)
        case label(String, Glob)
        /// `label!=glob`
        case otherLabel(String, Glob)
    }

    private let names: [Glob]
    private let labels: [Term]
    private let exclusions: [Term]

    init(terms: [(term: Term, isExclusion: Bool)]) {
        var names: [Glob] = []
        var labels: [Term] = []
        for (term, isExclusion) in terms where !isExclusion {
            if case .name(let glob) = term { names.append(glob) } else { labels.append(term) }
        }
        self.names = names
        self.labels = labels
        exclusions = terms.filter(\.isExclusion).map(\.term)
    }

    /// Matches one host.
    package init(_ host: HostName) { self.init(names: [Glob(host.name)], labels: [], exclusions: []) }

    private init(names: [Glob], labels: [Term], exclusions: [Term]) {
        self.names = names
        self.labels = labels
        self.exclusions = exclusions
    }

    /// The names that are written out. A host of such a name is expected to exist.
    package var plainNames: [String] { names.map(\.description).filter { !Glob.isPattern($0) } }

    /// Whether it has no term for names, so that labels alone decide.
    package var isAnyName: Bool { names.isEmpty }

    package func matches(_ host: HostName, labels all: [Label]) -> Bool {
        let name = host.description
        guard names.isEmpty || names.contains(where: { $0.matches(name) }) else { return false }
        return labels.allSatisfy { Self.holds($0, name, all) } && !exclusions.contains { Self.holds($0, name, all) }
    }

    private static func holds(_ term: Term, _ name: String, _ labels: [Label]) -> Bool {
        switch term {
        case .name(let glob): glob.matches(name)
        case .label(let key, let glob): has(key, glob, labels)
        case .otherLabel(let key, let glob): !has(key, glob, labels)
        }
    }

    private static func has(_ key: String, _ glob: Glob, _ labels: [Label]) -> Bool {
        labels.contains { $0.name == key && glob.matches($0.value) }
    }
}
