import Model

/// The processes of one simulation, as a worker sees them. They outlive the worker.
struct Kernel {
    private(set) var isMainAlive = false
    private(set) var others = 0
    /// How the last main process ended; nil when unknown.
    private(set) var status: ExitStatus?
    private(set) var launches = 0
    var isReady = false
    /// Whether everything that is alive has received a signal that will end it.
    private(set) var isDoomed = false
    private var ignoresTerm = false

    var isAnythingAlive: Bool { isMainAlive || others > 0 }

    mutating func launch(ignoringTerm: Bool) {
        launches += 1
        isMainAlive = true
        others = 0
        status = nil
        isReady = false
        isDoomed = false
        ignoresTerm = ignoringTerm
    }

    mutating func terminate() { isDoomed = isDoomed || !ignoresTerm }

    /// - Parameter forked: processes that were forked while SIGKILL was sent, and did not receive it.
    mutating func kill(forked: Int) {
        isDoomed = forked == 0
        others += forked
    }

    mutating func fork() { if isAnythingAlive { others += 1 } }

    mutating func leaderExits(_ status: ExitStatus?) {
        isMainAlive = false
        self.status = status
    }

    mutating func otherExits() { others -= 1 }

    mutating func keeperDies() { status = nil }
}
