extension StartOrder {
    /// Puts each behind those that it depends on, and else leaves them as they are.
    ///
    /// - Throws: invalid_argument when two have one name, when one depends on a process that is not among them, or
    ///   when some wait for each other in a circle.
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
        // Nobody can depend on one without a name.
        return order.order.compactMap { byName[$0] } + unnamed
    }
}

extension ProcessSpec {
    fileprivate var label: String { name?.description ?? invocation.programName }
}
