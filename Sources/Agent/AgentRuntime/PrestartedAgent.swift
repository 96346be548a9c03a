import LinuxSystem
import Model

/// A node spare: an agent that is started before a request needs it. It becomes a node when its stdin, a socket to the
/// agent that started it, delivers the path of its configuration.
enum PrestartedAgent {
    /// Waits for the path, without a time limit.
    ///
    /// The path is peeked, not read: the keeper passes the same stdin to its next worker, which must find the path
    /// again.
    ///
    /// - Returns: the path of the configuration; nil when stdin or the keeper's link has ended, so that the spare is
    ///   unused for good.
    static func awaitConfiguration(_ link: KeeperLink) throws(SystemError) -> String? {
        let line = Descriptor(copying: 0)
        if let path = path(on: line) { return path }
        _ = try? line.send(Array("ready\n".utf8)[...])
        // The link's end only: the keeper's first messages are unread.
        try line.awaitBytes(of: "a configuration", orEndOf: link.number)
        return path(on: line)
    }

    /// Nil until the path has arrived. It is sent in one message, so it never arrives in parts.
    private static func path(on line: borrowing Descriptor) -> String? {
        let bytes = line.peek(limit: Limits.path + 1)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
