/// What the agent in a node or a VM is told about itself, in addition to its name.
package struct InnerAgent: Equatable, Sendable {
    /// Distinguishes this run from earlier ones; the agent repeats it in its `info`. Nil when the request gave none.
    package var generation: String?
    package var labels: [Label]

    package init(generation: String? = nil, labels: [Label] = []) {
        self.generation = generation
        self.labels = labels
    }
}
