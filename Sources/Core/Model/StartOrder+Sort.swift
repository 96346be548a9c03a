extension StartOrder {
    /// Sorts specs so that each follows its dependencies; otherwise their order is kept.
    ///
    /// - Throws: invalid_argument when two specs have the same name, when one depends on a process that is not in the
    ///   list, or when there is a dependency cycle.
    package static func sort(_ specs: [ProcessSpec]) throws(Failure) -> [ProcessSpec] {
        var byName: [Name: ProcessSpec] = [:]
        var unnamed: [ProcessSpec] = []
        for spec in specs {
            guard let name = spec.name else {
                unnamed.append(spec)
                continue
            }
            guard byName.updateValue(spec, forKey: name) == nil else {
                throw Failure(.invalidArgument, "two processes are named \(name)")
            }
        }
        for spec in specs {
            guard let stranger = spec.prerequisites.first(where: { byName[$0] == nil }) else { continue }
            throw Failure(
                .invalidArgument, "\(spec.label) depends on \(stranger), which is not among the processes")
        }
        let order = StartOrder(of: specs.compactMap { spec in spec.name.map { ($0, spec.prerequisites) } })
        if let first = order.cycles.first?.first {
            throw Failure(.invalidArgument, "\(first) depends on itself in a circle")
        }
        // Processes without a name can't be dependencies.
        return order.order.compactMap { byName[$0] } + unnamed
    }
}

extension ProcessSpec {
    fileprivate var label: String { name?.description ?? invocation.programName }
}
