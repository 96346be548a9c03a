import DequeModule

/// The bounded queue of outgoing messages: those that wait, and those that libmosquitto has and the broker has not
/// confirmed.
struct Outbox {
    struct Entry {
        let message: Message
        let whenOffline: Session.OfflinePolicy
        var shortened: Session.Shortening?

        func with(_ message: Message) -> Entry {
            Entry(message: message, whenOffline: whenOffline, shortened: shortened)
        }
    }

    private var waiting: Deque<Entry> = []
    private var waitingBytes = 0
    /// By packet id. At most `window` of them, because libmosquitto's own queue has no bound.
    private(set) var unconfirmed: [Int32: Entry] = [:]
    private let messageLimit: Int
    var byteLimit: Int
    private let window: Int

    /// How many messages were dropped: the oldest ones to make room for newer ones, and those that
    /// ``forgetUnconfirmed()`` gave up.
    private(set) var droppedMessages = 0

    init(messageLimit: Int, byteLimit: Int, window: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
        self.window = window
    }

    /// Whether more than half of a limit is used up, so that large answers should be refused.
    var isCongested: Bool { waitingBytes > byteLimit / 2 || waiting.count > messageLimit / 2 }

    /// Whether nothing waits and the broker has confirmed everything.
    var isEmpty: Bool { waiting.isEmpty && unconfirmed.isEmpty }

    mutating func add(_ entry: Entry) {
        waiting.append(entry)
        waitingBytes += entry.message.payload.count
        while waiting.count > messageLimit || (waitingBytes > byteLimit && waiting.count > 1), popFirst() != nil {
            droppedMessages += 1
        }
    }

    /// Removes and returns the next message to send; nil if none waits, or while the window is full.
    mutating func next() -> Entry? { unconfirmed.count < window ? popFirst() : nil }

    mutating func taken(_ entry: Entry, id: Int32) { unconfirmed[id] = entry }

    /// - Returns: the message that the broker has accepted or refused; nil if the id is unknown.
    @discardableResult
    mutating func confirmed(_ id: Int32) -> Message? { unconfirmed.removeValue(forKey: id)?.message }

    /// Returns a message that could not be sent to the front of the queue.
    mutating func putBack(_ entry: Entry) {
        waiting.prepend(entry)
        waitingBytes += entry.message.payload.count
    }

    /// libmosquitto resends unconfirmed messages of QoS 1 by itself, but discards unwritten ones of QoS 0: those wait
    /// again. Messages that are not kept offline are removed.
    mutating func connectionLost() {
        for (id, entry) in unconfirmed.sorted(by: { $0.key > $1.key }) where entry.message.qos == 0 {
            unconfirmed[id] = nil
            putBack(entry)
        }
        waiting.removeAll { $0.whenOffline == .drop }
        waitingBytes = waiting.reduce(0) { $0 + $1.message.payload.count }
    }

    /// Counts all unconfirmed messages as dropped.
    mutating func forgetUnconfirmed() {
        droppedMessages += unconfirmed.count
        unconfirmed = [:]
    }

    /// Has all unconfirmed messages wait again, for another client of libmosquitto.
    mutating func putBackUnconfirmed() {
        for (_, entry) in unconfirmed.sorted(by: { $0.key > $1.key }) { putBack(entry) }
        unconfirmed = [:]
    }

    private mutating func popFirst() -> Entry? {
        guard let entry = waiting.popFirst() else { return nil }
        waitingBytes -= entry.message.payload.count
        return entry
    }
}
