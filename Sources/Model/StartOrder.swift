/// The order in which processes that depend on each other start.
package enum StartOrder {
    /// Puts each behind those that it depends on, and else leaves them as they are.
    ///
    /// - Throws: invalid_argument when two have one name, when one depends on a process that is not among them, or
    ///   when some wait for each other in a circle.
    package static func sort(_ specs: [ProcessSpec]) throws(Failure) -> [ProcessSpec] {
        let places = try places(of: specs)
        var dependents = Array(repeating: [Int](), count: specs.count)
        var waitsFor = Array(repeating: 0, count: specs.count)
        for (index, spec) in specs.enumerated() {
            for name in spec.dependsOn {
                guard let place = places[name] else {
                    throw Failure(
                        .invalidArgument, "\(label(spec)) depends on \(name), which is not among the processes")
                }
                dependents[place].append(index)
                waitsFor[index] += 1
            }
        }
        // Kahn's algorithm: whoever waits for nobody any more goes to the end.
        var order = specs.indices.filter { waitsFor[$0] == 0 }
        var next = 0
        while next < order.count {
            for dependent in dependents[order[next]] {
                waitsFor[dependent] -= 1
                if waitsFor[dependent] == 0 { order.append(dependent) }
            }
            next += 1
        }
        guard order.count == specs.count else { throw circle(specs, places, waitsFor) }
        return order.map { specs[$0] }
    }

    private static func places(of specs: [ProcessSpec]) throws(Failure) -> [Name: Int] {
        var places: [Name: Int] = [:]
        for (index, spec) in specs.enumerated() {
            guard let name = spec.name else { continue }
            guard places.updateValue(index, forKey: name) == nil else {
                throw Failure(.invalidArgument, "two processes are named \(name)")
            }
        }
        return places
    }

    /// Follows those that still wait until one comes up again: that one is part of a circle.
    private static func circle(_ specs: [ProcessSpec], _ places: [Name: Int], _ waitsFor: [Int]) -> Failure {
        var seen: Set<Int> = []
        var index = waitsFor.firstIndex { $0 > 0 }
        while let current = index, seen.insert(current).inserted {
            index = specs[current].dependsOn.compactMap { places[$0] }.first { waitsFor[$0] > 0 }
        }
        return Failure(
            .invalidArgument, "\(index.map { label(specs[$0]) } ?? "a process") depends on itself in a circle")
    }

    private static func label(_ spec: ProcessSpec) -> String { spec.name?.description ?? spec.invocation.programName }
}
