import Model

extension Simulation {
    /// A state directory.
    struct Directory {
        var file: Kept?
        var serial = 0
        var ended: Set<Int> = []
        var isDoubted = false
    }

    /// A file.
    struct Kept: Equatable {
        var replaced: Set<Int> = []
        var isAdopted = false
        var isDoubtful = false
        var want = Want.up
        var isCommitted = false
        var hasHost = false
        var generation = 1
    }
}
