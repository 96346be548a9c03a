package import Model

/// What it takes until exactly these processes run.
package struct ApplyPlan: Equatable, Sendable {
    /// In the order of their dependencies, as `reset` is.
    package private(set) var start: [Name] = []
    /// Their spec has changed, or they are wanted and not up.
    package private(set) var reset: [Name] = []
    /// In the reverse order of their dependencies.
    package private(set) var remove: [Name] = []
    package private(set) var leave: [Name] = []

    /// A process as it is now.
    package struct Present: Equatable, Sendable {
        package let id: Name
        package let spec: ProcessSpec
        /// Live and wanted up.
        package let isUp: Bool

        package init(id: Name, spec: ProcessSpec, isUp: Bool) {
            self.id = id
            self.spec = spec
            self.isUp = isUp
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
        for id in StartOrder(of: wanted.compactMap { spec in spec.name.map { ($0, spec.dependsOn) } }).order {
            guard let process = open.removeValue(forKey: id) else {
                start.append(id)
                continue
            }
            // One that was started without a name has the name it got.
            var spec = process.spec
            spec.name = id
            if spec == specs[id], process.isUp { leave.append(id) } else { reset.append(id) }
        }
        let unwanted = present.filter { open[$0.id] != nil }
        remove = StartOrder(of: unwanted.map { ($0.id, $0.spec.dependsOn) }).order.reversed()
    }
}
