package import Model

/// What it takes until exactly these processes run.
package struct ApplyPlan: Equatable, Sendable {
    /// Those of `start` and `reset`, in the order of their dependencies, as all lists but `remove` are.
    package private(set) var bring: [Name] = []
    package private(set) var start: [Name] = []
    /// Their spec has changed, or they are wanted and not up.
    package private(set) var reset: [Name] = []
    /// They are as they should be, but for what can be changed while they run.
    package private(set) var update: [Name] = []
    /// In the reverse order of their dependencies.
    package private(set) var remove: [Name] = []
    package private(set) var leave: [Name] = []
    /// Those that wait for each other.
    package private(set) var circular: Set<Name>

    /// A process as it is now.
    package struct Present: Equatable, Sendable {
        package let id: Name
        package let spec: ProcessSpec
        /// Live and wanted up.
        package let isUp: Bool
        /// Ended by itself with exit code 0.
        package let hasCompleted: Bool

        package init(id: Name, spec: ProcessSpec, isUp: Bool, hasCompleted: Bool = false) {
            self.id = id
            self.spec = spec
            self.isUp = isUp
            self.hasCompleted = hasCompleted
        }
    }

    /// - Parameters:
    ///   - wanted: all named, no name twice.
    ///   - present: all that are to be removed when nobody wants them.
    package init(wanted: [ProcessSpec], present: [Present]) {
        var open: [Name: Present] = [:]
        for process in present { open[process.id] = process }
        var specs: [Name: ProcessSpec] = [:]
        for spec in wanted {
            if let name = spec.name { specs[name] = spec }
        }
        // One that others need to have completed is as it should be when it has.
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
