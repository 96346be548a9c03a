import Model

extension Simulation {
    /// The state directory, with the file of the instance.
    struct Directory {
        var file: Kept?
        var serial = 0
        var ended: Set<Int> = []
        var isDoubted = false
    }

    /// The file of the instance.
    struct Kept: Equatable {
        var replaced: Set<Int> = []
        var isAdopted = false
        var isMismatched = false
        var want = Want.up
        var isCommitted = false
        var hasHost = false
        var generation = 1
    }
}
