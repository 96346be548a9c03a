/// What the agent inside a node or a VM is told of itself, beside its name.
package struct InnerAgent: Equatable, Sendable {
    /// Tells this run of it from those before it: its `info` repeats it. Nil when nobody asked.
    package var generation: String?
    package var labels: [Label]

    package init(generation: String? = nil, labels: [Label] = []) {
        self.generation = generation
        self.labels = labels
    }
}
