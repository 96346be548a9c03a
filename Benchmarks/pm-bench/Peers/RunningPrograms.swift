import Glibc

/// Counts the descendants of a process that run a given program. A process that was found is not inspected again, so
/// that counting takes little processor time from the supervisor.
struct RunningPrograms {
    private let root: pid_t
    private let program: String
    private var found: Set<pid_t> = []

    init(_ program: String, below root: pid_t) {
        self.program = program
        self.root = root
    }

    /// The number of processes found so far.
    mutating func count() -> Int {
        look(below: root)
        return found.count
    }

    private mutating func look(below pid: pid_t) {
        for child in ProcessTree.children(of: pid) where !found.contains(child) {
            if ProcessTree.program(of: child) == program {
                found.insert(child)
            } else {
                look(below: child)
            }
        }
    }
}
