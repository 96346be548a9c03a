/// The order in which processes are started according to their dependencies. They are stopped in reverse order.
package struct StartOrder: Equatable, Sendable {
    /// All processes: each after its dependencies, otherwise in the given order.
    package private(set) var order: [Name] = []
    /// Dependency cycles; each process is followed by one that it depends on. Empty when there are none. Not every
    /// cycle is listed, but at least one of each group of connected cycles.
    package private(set) var cycles: [[Name]] = []

    /// - Parameter processes: names are unique; dependencies that are not in the list are ignored.
    package init(of processes: [(id: Name, dependsOn: [Name])]) {
        var indices: [Name: Int] = [:]
        for (index, process) in processes.enumerated() { indices[process.id] = index }
        var marks = [Mark](repeating: .unseen, count: processes.count)
        for root in processes.indices where marks[root] == .unseen {
            // An explicit stack: a chain of ten thousand dependencies would overflow the thread's stack.
            var path = [(index: root, next: 0)]
            marks[root] = .onPath
            while let (index, next) = path.last {
                guard next < processes[index].dependsOn.count else {
                    marks[index] = .placed
                    order.append(processes[index].id)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                guard let dependency = indices[processes[index].dependsOn[next]] else { continue }
                switch marks[dependency] {
                case .placed: break
                case .unseen:
                    marks[dependency] = .onPath
                    path.append((dependency, 0))
                case .onPath:
                    let start = path.lastIndex { $0.index == dependency } ?? 0
                    cycles.append(path[start...].map { processes[$0.index].id })
                }
            }
        }
    }

    private enum Mark { case unseen, onPath, placed }
}
