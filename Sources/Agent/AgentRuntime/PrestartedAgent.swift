import Glibc
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
        if let path = peek() { return path }
        send(STDIN_FILENO, "ready\n", 6, Int32(MSG_NOSIGNAL))
        while true {
            var ready = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                // Watched for its end only: the keeper's first messages are unread and would make it readable.
                pollfd(fd: link.number, events: 0, revents: 0),
            ]
            let count = poll(&ready, 2, -1)
            guard count >= 0 || errno == EINTR else { throw SystemError("wait for a configuration") }
            if let path = peek() { return path }
            if count > 0 { return nil }
        }
    }

    /// Nil until the path has arrived. It is sent in one message, so it never arrives in parts.
    private static func peek() -> String? {
        var bytes = [UInt8](repeating: 0, count: Limits.path + 1)
        let count = recv(STDIN_FILENO, &bytes, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0, let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
