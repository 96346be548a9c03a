/// What libmosquitto's thread has seen of one connection.
struct Inbox: Sendable {
    /// The reason code of CONNACK; -1 when the connection was lost before.
    var connack: Int?
    var isConnected = false
    /// By message id: the reason codes of SUBACK and PUBACK (0 for QoS 0: sent).
    var subacks: [Int32: Int] = [:]
    var pubacks: [Int32: Int] = [:]
    var messages: [Message] = []
}
