import Model

/// The last ``Limits/rememberedGenerations`` generations that were added.
package struct GenerationList: Equatable, Sendable {
    /// Oldest first.
    package private(set) var all: [String] = []
    private var known: Set<String> = []

    package init() {}

    package init(_ all: some Sequence<String>) {
        for generation in all { add(generation) }
    }

    package func contains(_ generation: String) -> Bool { known.contains(generation) }

    package mutating func add(_ generation: String) {
        guard known.insert(generation).inserted else { return }
        all.append(generation)
        if all.count > Limits.rememberedGenerations { known.remove(all.removeFirst()) }
    }
}
