import Glibc
import LinuxSystem
import Model

/// An agent that is begun before anybody wants it: a node, as soon as it hears on its stdin where its configuration is.
enum PrestartedAgent {
    /// Waits for as long as it takes.
    ///
    /// What it hears stays where it is: the keeper leaves the same stdin to the next worker, who finds it there again.
    ///
    /// - Returns: the path of the configuration; nil when nobody will want it any more.
    static func awaitConfiguration(_ link: KeeperLink) throws(SystemError) -> String? {
        if let path = peek() { return path }
        send(STDIN_FILENO, "ready\n", 6, Int32(MSG_NOSIGNAL))
        while true {
            var ready = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                // Only its end: what the keeper holds is said there already.
                pollfd(fd: link.number, events: 0, revents: 0),
            ]
            let count = poll(&ready, 2, -1)
            guard count >= 0 || errno == EINTR else { throw SystemError("wait for a configuration") }
            if let path = peek() { return path }
            if count > 0 { return nil }
        }
    }

    /// Nil as long as nothing has been said. All of it comes at once.
    private static func peek() -> String? {
        var bytes = [UInt8](repeating: 0, count: Limits.path + 1)
        let count = recv(STDIN_FILENO, &bytes, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0, let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
