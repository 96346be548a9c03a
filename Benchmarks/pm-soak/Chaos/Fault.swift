/// A fault of a host or the broker, besides the deaths that every soak causes.
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

    /// Faults of the connection of one agent.
    static let ofNetwork: [Fault] = [.delay, .stall, .cut, .cutPacket, .halfClose, .overtake]
}
