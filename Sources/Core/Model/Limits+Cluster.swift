/// Bounds of pm-cluster.
extension Limits {
    /// Number of nodes and VMs that are started at the same time: default and maximum. Others are queued.
    package static let launches = 20
    package static let mostLaunches = 1_000

    /// Number of queued requests for a node or a VM; further ones are refused.
    package static let launchQueue = 200

    /// Bytes of unanswered requests in the file of a node or VM. The file also holds a config of up to 256 KiB.
    package static let pendingRequests = 128 << 10

    /// Requests that are held after a connect until it is known which of several pm-clusters acts; further ones are
    /// refused.
    package static let heldRequests = 200

    /// Number of nodes and VMs of one pm-cluster.
    package static let instances = 10_000

    /// Default, minimum and maximum of the factor by which the VMs of a host may exceed its memory.
    package static let memoryOvercommit = 1.0
    package static let leastMemoryOvercommit = 0.1
    package static let mostMemoryOvercommit = 100.0

    /// Seconds within which the agent of a node or a VM must come online, and within which its process must run.
    package static let bootTimeout = 60.0

    /// Seconds within which an agent must answer a request that starts something.
    package static let stepTimeout = 20.0

    /// Seconds between two attempts of a step that must succeed in the end: to query, to stop, to clear.
    package static let stepRetry = 10.0

    /// Seconds after which the instances on a host that stays offline are given up.
    package static let hostLostAfter = 3_600.0

    /// Fraction of ``hostLostAfter`` that each host has at least after a start of pm-cluster, because pm-cluster itself
    /// may have been away.
    package static let hostReturn = 0.05

    /// Seconds between writing a file and fsync(2). The delay lets several changes share one fsync(2).
    package static let syncDelay = 0.1

    /// Seconds during which late messages of a removed node or VM are still cleared.
    package static let tombstone = 600.0

    /// Seconds that another pm-cluster has to object to a claim.
    package static let claimPatience = 2.0

    /// Seconds after which pm-cluster answers a removal or a reset that is not done yet.
    package static let clusterAnswer = 60.0

    /// Number of remembered generations of nodes and VMs that have ended or were left running on purpose.
    package static let rememberedGenerations = 1_000

    /// Number of generations in the file of a node or VM that resets have replaced.
    package static let replacedGenerations = 16

    /// Largest accepted serial number of a change to pm-cluster's state.
    package static let stateSerial = 1 << 50

    /// Seconds after which a host, node or VM without any status from the broker counts as offline.
    package static let unknownHost = 5.0

    /// Seconds between two checks for hosts that have been silent for too long.
    package static let silenceRecheck = 5.0

    /// Number of reasons in a cluster's health; they must fit into one message.
    package static let healthReasons = 100
}
