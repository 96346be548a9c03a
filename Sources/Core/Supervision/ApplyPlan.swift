package import Model

/// What `apply` must do so that exactly the requested processes run.
package struct ApplyPlan: Equatable, Sendable {
    /// `start` and `reset` together. All lists except `remove` are in dependency order.
    package private(set) var bring: [Name] = []
    package private(set) var start: [Name] = []
    /// Processes with a changed spec, or that are not up.
    package private(set) var reset: [Name] = []
    /// Processes with changes that can be made while they run.
    package private(set) var update: [Name] = []
    /// In reverse dependency order.
    package private(set) var remove: [Name] = []
    package private(set) var leave: [Name] = []
    /// Processes that are in a dependency cycle.
    package private(set) var circular: Set<Name>

    /// The present state of a process.
    package struct Present: Equatable, Sendable {
        package let id: Name
        package let spec: ProcessSpec
        /// Whether it is live and wanted up.
        package let isUp: Bool
        /// Whether it ended by itself with exit code 0.
        package let hasCompleted: Bool

        package init(id: Name, spec: ProcessSpec, isUp: Bool, hasCompleted: Bool = false) {
            self.id = id
            self.spec = spec
            self.isUp = isUp
            self.hasCompleted = hasCompleted
        }
    }

    /// - Parameters:
    ///   - wanted: the requested specs; all have a name, and names are unique.
    ///   - present: the processes of which all that are not in `wanted` are removed.
    package init(wanted: [ProcessSpec], present: [Present]) {
        var open: [Name: Present] = [:]
        for process in present { open[process.id] = process }
        var specs: [Name: ProcessSpec] = [:]
        for spec in wanted {
            if let name = spec.name { specs[name] = spec }
        }
        // A process with dependants that need its completion is also settled when it has completed.
        let completions = Set(wanted.flatMap(\.dependsOn).filter { $0.condition == .completed }.map(\.id))
        let order = StartOrder(of: wanted.compactMap { spec in spec.name.map { ($0, spec.prerequisites) } })
        circular = Set(order.cycles.joined())
        for id in order.order {
            guard let process = open.removeValue(forKey: id) else {
                start.append(id)
                bring.append(id)
                continue
            }
            let isSettled = process.isUp || process.hasCompleted && completions.contains(id)
            switch isSettled ? specs[id].map({ process.spec.change(to: $0, of: id) }) : nil {
            case .nothing?: leave.append(id)
            case .inPlace?: update.append(id)
            case .restart?, nil:
                reset.append(id)
                bring.append(id)
            }
        }
        let unwanted = present.filter { open[$0.id] != nil }
        remove = StartOrder(of: unwanted.map { ($0.id, $0.spec.prerequisites) }).order.reversed()
    }
}
