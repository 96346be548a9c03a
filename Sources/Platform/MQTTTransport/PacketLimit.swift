import LinuxSystem
import Model

/// The size of the largest MQTT packet that the broker takes.
///
/// An MQTT 5 broker says it in CONNACK (Maximum Packet Size, MQTT 5 section 3.2.2.3.6). One that speaks 3.1.1 ends the
/// connection when a packet is too large. Then the limit is learned: if two connections in a row end soon after a large
/// message on the same topic, that message was too large.
struct PacketLimit {
    private var told: Int?
    private var learned: Int?
    /// What is large and was sent a moment ago, and so may be what the broker objects to.
    private var suspects: [(entry: Outbox.Entry, id: Int32, at: Instant)] = []
    /// The topic of the largest suspect when the previous connection ended.
    private var suspectedTopic: String?

    /// Bytes; nil: everything fits.
    var bytes: Int? { [told, learned].compactMap(\.self).min() }

    /// - Parameters:
    ///   - told: the limit in CONNACK; nil: a broker of MQTT 3.1.1, which can't tell.
    ///   - unconfirmed: what libmosquitto sends again, by packet id.
    mutating func connected(told: Int?, unconfirmed: [Int32: Outbox.Entry], at now: Instant) {
        self.told = told
        suspects = []
        for (id, entry) in unconfirmed { sent(entry, id: id, at: now) }
    }

    mutating func sent(_ entry: Outbox.Entry, id: Int32, at now: Instant) {
        guard told == nil, entry.message.packetSize > Limits.leastPacketLimit else { return }
        suspects.removeAll { (now - $0.at).inSeconds > Limits.packetSuspicion }
        if suspects.count == Limits.packetSuspects { suspects.removeFirst() }
        suspects.append((entry, id, now))
    }

    /// Handles the end of a connection.
    ///
    /// - Parameter unconfirmed: what is sent again in any case, by packet id.
    /// - Returns: the other messages to send again, because the broker may not have taken them, and whether the limit has
    ///   become smaller.
    mutating func lost(unconfirmed: [Int32: Outbox.Entry], at now: Instant) -> (again: [Outbox.Entry], isLearned: Bool)
    {
        let recent = suspects.filter { (now - $0.at).inSeconds <= Limits.packetSuspicion }
        suspects = []
        let messages = recent.map(\.entry.message)
        guard let largest = messages.max(by: { $0.packetSize < $1.packetSize }) else {
            // What was learned may have been the fault of a bad link.
            (suspectedTopic, learned) = (nil, nil)
            return ([], false)
        }
        let isLearned = largest.topic == suspectedTopic
        if isLearned { learned = max(Limits.leastPacketLimit, min(largest.packetSize, bytes ?? .max) - 1) }
        suspectedTopic = largest.topic
        let again = recent.filter {
            $0.entry.whenOffline == .keep && $0.entry.message.qos == 0 && unconfirmed[$0.id] == nil
        }
        return (again.map(\.entry), isLearned)
    }
}
