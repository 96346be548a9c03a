/// What may happen to a host or the broker, beside the deaths that are the soak's.
enum Fault: String, CaseIterable, Sendable {
    case delay, stall, cut
    case cutPacket = "cut in a packet"
    case halfClose = "half-closed"
    case overtake = "overtaken"
    case freezeWorker = "frozen worker"
    case freezeKeeper = "frozen keeper"
    case freezeBroker = "frozen broker"
    case jump = "clock jump"
    case fullDisk = "full disk"
    case readOnlyDisk = "read-only disk"
    case noDescriptors = "no descriptors"
    case noProcesses = "no processes"

    /// Something is not to be had for a while, so that requests may be refused.
    var isShortage: Bool {
        switch self {
        case .fullDisk, .readOnlyDisk, .noDescriptors, .noProcesses: true
        case .delay, .stall, .cut, .cutPacket, .halfClose, .overtake, .freezeWorker, .freezeKeeper, .freezeBroker,
            .jump:
            false
        }
    }

    /// Those that an agent of its own can have without any of the others'.
    static let ofNetwork: [Fault] = [.delay, .stall, .cut, .cutPacket, .halfClose, .overtake]
}
