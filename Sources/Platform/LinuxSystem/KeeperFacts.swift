import CLinux

/// What a keeper tells a new worker of itself (PM_HELLO).
package struct KeeperFacts {
    /// Of its messages. A keeper that says nothing has version 1.
    private let version: UInt32
    /// How many successors it and its predecessors have executed.
    package let handOvers: UInt64
    /// The result of its latest attempt to execute its successor.
    package let latestTrial: SuccessorTrial

    init() { (version, handOvers, latestTrial) = (1, 0, SuccessorTrial(result: 0)) }

    init(_ hello: pm_keeper_message) {
        version = UInt32(bitPattern: hello.status)
        handOvers = hello.launch
        latestTrial = SuccessorTrial(result: hello.pid)
    }

    /// Whether it can execute a successor. An older one ends at SIGUSR2.
    package var knowsUpgrades: Bool { version >= 2 }
}
