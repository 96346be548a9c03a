/// What may happen to a host or the broker, beside the deaths that are the soak's.
enum Fault: String, Sendable {
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

    /// Faults that hit one agent's connection and no other's.
    static let ofNetwork: [Fault] = [.delay, .stall, .cut, .cutPacket, .halfClose, .overtake]
}
