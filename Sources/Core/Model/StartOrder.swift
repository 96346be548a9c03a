/// In which order processes are started, given which others each of them needs; stopped are they in the reverse of it.
package struct StartOrder: Equatable, Sendable {
    /// All of them: each after those it depends on, else as they came.
    package private(set) var order: [Name] = []
    /// Those that wait for each other, each with the one it depends on next; empty when there are none. Not every cycle
    /// there is, but one at least of those that hang together.
    package private(set) var cycles: [[Name]] = []

    /// - Parameter processes: names are unique; a dependency that is none of them is somebody else's matter.
    package init(of processes: [(id: Name, dependsOn: [Name])]) {
        var indices: [Name: Int] = [:]
        for (index, process) in processes.enumerated() { indices[process.id] = index }
        var marks = [Mark](repeating: .unseen, count: processes.count)
        for root in processes.indices where marks[root] == .unseen {
            // A stack of its own: ten thousand that hang on one another would be too deep for the thread's.
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
