/// The acknowledgements and messages of one connection, filled by libmosquitto's thread.
struct Inbox: Sendable {
    /// The reason code of CONNACK; -1 if the connection was lost before.
    var connack: Int?
    var isConnected = false
    /// The reason codes of SUBACK and PUBACK by message id. For QoS 0, 0 means that the message was sent.
    var subacks: [Int32: Int] = [:]
    var pubacks: [Int32: Int] = [:]
    private(set) var messages: [Message] = []
    /// A number for each message, ascending.
    private var numbers: [Int] = []
    private var lastNumber = 0

    /// The messages that a waiting caller has already checked, so that it does not check thousands of them again for
    /// each new one.
    final class Cursor: @unchecked Sendable {
        /// Used only while the inbox is locked.
        fileprivate var number = 0
    }

    mutating func add(_ message: Message) {
        lastNumber += 1
        messages.append(message)
        numbers.append(lastNumber)
    }

    /// Removes and returns the first matching message after the cursor.
    mutating func take(behind cursor: Cursor, where matches: (Message) -> Bool) -> Message? {
        // Find the first message after the cursor by bisection.
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] <= cursor.number { low = middle + 1 } else { high = middle }
        }
        guard let index = messages[low...].firstIndex(where: matches) else {
            cursor.number = lastNumber
            return nil
        }
        numbers.remove(at: index)
        return messages.remove(at: index)
    }

    mutating func takeAll() -> [Message] {
        defer {
            messages = []
            numbers = []
        }
        return messages
    }
}
