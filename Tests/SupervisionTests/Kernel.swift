import Model

/// The processes of one life, real as far as a supervisor can tell. They outlive the worker.
struct Kernel {
    private(set) var isLeaderAlive = false
    private(set) var others = 0
    /// How the last leader ended; nil when nobody saw it.
    private(set) var status: ExitStatus?
    private(set) var launches = 0
    var isReady = false
    /// What is alive has been told to go, and will.
    private(set) var isDoomed = false
    private var ignoresTerm = false

    var isAnythingAlive: Bool { isLeaderAlive || others > 0 }

    mutating func launch(ignoringTerm: Bool) {
        launches += 1
        isLeaderAlive = true
        others = 0
        status = nil
        isReady = false
        isDoomed = false
        ignoresTerm = ignoringTerm
    }

    mutating func terminate() { isDoomed = isDoomed || !ignoresTerm }

    /// - Parameter forked: processes that appeared while the signal went round, and did not get it.
    mutating func kill(forked: Int) {
        isDoomed = forked == 0
        others += forked
    }

    mutating func fork() { if isAnythingAlive { others += 1 } }

    mutating func leaderExits(_ status: ExitStatus?) {
        isLeaderAlive = false
        self.status = status
    }

    mutating func otherExits() { others -= 1 }

    mutating func keeperDies() { status = nil }
}
