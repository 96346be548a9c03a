import Model

/// Generations of nodes and VMs, the newest ``Limits/rememberedGenerations`` of them.
package struct GenerationList: Equatable, Sendable {
    /// In the order in which they were added.
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
