/// What takes messages for the broker: a ``Session``, or a test's list.
package protocol Publisher: AnyObject {
    /// - Parameters:
    ///   - whenOffline: whether the message is kept, within bounds, until there is a connection.
    ///   - shortened: what is published if the broker does not take so large a packet; nil: nothing.
    func publish(_ message: Message, whenOffline: Session.OfflinePolicy, orElse shortened: Session.Shortening?)

    /// Whether so many messages wait for the broker that large ones should not be added.
    var isCongested: Bool { get }

    /// Whether the connection speaks MQTT 5; else it speaks 3.1.1.
    var isMQTT5: Bool { get }

    var isConnected: Bool { get }
}

extension Publisher {
    package func publish(_ message: Message, whenOffline: Session.OfflinePolicy) {
        publish(message, whenOffline: whenOffline, orElse: nil)
    }
}

/// What subscribes as well.
package protocol Subscriber: Publisher {
    /// - Parameters:
    ///   - qos: 0 or 1.
    ///   - noLocal: leaves out what this session publishes itself; MQTT 3.1.1 can't.
    func subscribe(_ filter: String, qos: Int32, noLocal: Bool)
    func unsubscribe(_ filter: String)
}

extension Session: Subscriber {}
