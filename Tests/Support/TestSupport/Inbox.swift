/// What libmosquitto's thread has seen of one connection.
struct Inbox: Sendable {
    /// The reason code of CONNACK; -1 when the connection was lost before.
    var connack: Int?
    var isConnected = false
    /// By message id: the reason codes of SUBACK and PUBACK (0 for QoS 0: sent).
    var subacks: [Int32: Int] = [:]
    var pubacks: [Int32: Int] = [:]
    private(set) var messages: [Message] = []
    /// Of each message, ascending.
    private var numbers: [Int] = []
    private var lastNumber = 0

    /// How far somebody who waits for a message has looked: nobody looks at thousands of messages again for each new one.
    final class Cursor: @unchecked Sendable {
        /// Touched with the inbox locked only.
        fileprivate var number = 0
    }

    mutating func add(_ message: Message) {
        lastNumber += 1
        messages.append(message)
        numbers.append(lastNumber)
    }

    /// Takes the first message behind the cursor that matches.
    mutating func take(behind cursor: Cursor, where matches: (Message) -> Bool) -> Message? {
        // The first that the cursor has not seen, by bisection.
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
