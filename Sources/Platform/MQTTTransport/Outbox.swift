import DequeModule

/// Messages on their way out, within bounds: those that wait, and those that libmosquitto has and the broker has not.
struct Outbox {
    struct Entry: Equatable {
        let message: Message
        let whenOffline: Session.OfflinePolicy
    }

    private var waiting: Deque<Entry> = []
    private var waitingBytes = 0
    /// By packet id; bounded by the window, or they would pile up inside libmosquitto.
    private var unconfirmed: [Int32: Entry] = [:]
    private let messageLimit: Int
    var byteLimit: Int
    private let window: Int

    /// Messages that had to go, the oldest first, because others came.
    private(set) var droppedMessages = 0

    init(messageLimit: Int, byteLimit: Int, window: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
        self.window = window
    }

    /// So much waits that large answers had better not be asked for.
    var isCongested: Bool { waitingBytes > byteLimit / 2 || waiting.count > messageLimit / 2 }

    /// Nothing waits, and the broker has everything.
    var isEmpty: Bool { waiting.isEmpty && unconfirmed.isEmpty }

    mutating func add(_ entry: Entry) {
        waiting.append(entry)
        waitingBytes += entry.message.payload.count
        while waiting.count > messageLimit || (waitingBytes > byteLimit && waiting.count > 1), popFirst() != nil {
            droppedMessages += 1
        }
    }

    /// Takes out what is to be sent next; nil without any, and while too much is unconfirmed.
    mutating func next() -> Entry? { unconfirmed.count < window ? popFirst() : nil }

    mutating func taken(_ entry: Entry, id: Int32) { unconfirmed[id] = entry }

    /// - Returns: what the broker has now, or has refused.
    @discardableResult
    mutating func confirmed(_ id: Int32) -> Message? { unconfirmed.removeValue(forKey: id)?.message }

    /// It could not be sent: it waits again, before all others.
    mutating func putBack(_ entry: Entry) {
        waiting.prepend(entry)
        waitingBytes += entry.message.payload.count
    }

    /// What libmosquitto has at QoS 1 it sends again; what it has not written at QoS 0 it throws away.
    mutating func connectionLost() {
        for (id, entry) in unconfirmed.sorted(by: { $0.key > $1.key }) where entry.message.qos == 0 {
            unconfirmed[id] = nil
            putBack(entry)
        }
        waiting.removeAll { $0.whenOffline == .drop }
        waitingBytes = waiting.reduce(0) { $0 + $1.message.payload.count }
    }

    /// Gives up what libmosquitto has.
    mutating func forgetUnconfirmed() {
        droppedMessages += unconfirmed.count
        unconfirmed = [:]
    }

    private mutating func popFirst() -> Entry? {
        guard let entry = waiting.popFirst() else { return nil }
        waitingBytes -= entry.message.payload.count
        return entry
    }
}
