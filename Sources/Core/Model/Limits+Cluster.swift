/// The bounds of pm-cluster.
extension Limits {
    /// Nodes and VMs that are brought up at the same time, unless told and at most; further ones wait.
    package static let launches = 20
    package static let mostLaunches = 1_000

    /// Requests for a node or a VM that wait for their turn; further ones are refused.
    package static let launchQueue = 200

    /// Bytes of the unanswered requests in the file of a node or VM, which has a config of 256 KiB to hold as well.
    package static let pendingRequests = 128 << 10

    /// Requests that wait until it is clear which of several managers acts, after a connect; further ones are refused.
    package static let heldRequests = 200

    /// Nodes and VMs of one pm-cluster.
    package static let instances = 10_000

    /// How many times a host's memory may be promised to VMs, unless told; and bounds of that.
    package static let memoryOvercommit = 1.0
    package static let leastMemoryOvercommit = 0.1
    package static let mostMemoryOvercommit = 100.0

    /// Seconds that a node or a VM may take until its agent is online, and until its process runs.
    package static let bootTimeout = 60.0

    /// Seconds that an agent may take to answer a request that starts something.
    package static let stepTimeout = 20.0

    /// Seconds between two attempts of what has to be done in the end: to look, to stop, to clear.
    package static let stepRetry = 10.0

    /// Seconds after which what ran on a host that does not come back is given up.
    package static let hostLostAfter = 3_600.0

    /// The part of it that a host has at least after a start of pm-cluster, which may have been away as well.
    package static let hostReturn = 0.05

    /// Seconds until a file that was written is forced to the disk: what it tells of may have changed by then.
    package static let syncDelay = 0.1

    /// Seconds for which a removed node's or VM's late words are still taken away.
    package static let tombstone = 600.0

    /// Seconds that another manager of the cluster has to object.
    package static let claimPatience = 2.0

    /// Seconds after which a removal or a reset is answered that is still under way.
    package static let clusterAnswer = 60.0

    /// Generations of nodes and VMs that have ended, or are left alone on purpose, and are remembered.
    package static let rememberedGenerations = 1_000

    /// Generations that resets have replaced, in the file of a node or VM.
    package static let replacedGenerations = 16

    /// The largest number of a change to pm-cluster's state that is believed.
    package static let stateSerial = 1 << 50

    /// Seconds after which a host, node or VM of which the broker says nothing counts as offline.
    package static let unknownHost = 5.0

    /// Seconds between two looks for hosts that have been silent for too long.
    package static let silenceRecheck = 5.0

    /// Reasons in a cluster's health; a message has to hold them.
    package static let healthReasons = 100
}
