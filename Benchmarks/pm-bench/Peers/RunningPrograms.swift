import Glibc

/// Those below a process that run a certain program. Looks again only at what has changed, to cost those it watches little.
struct RunningPrograms {
    private let root: pid_t
    private let program: String
    private var found: Set<pid_t> = []

    init(_ program: String, below root: pid_t) {
        self.program = program
        self.root = root
    }

    /// How many were seen so far.
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
