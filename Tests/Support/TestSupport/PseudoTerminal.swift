import Foundation
import Glibc

/// A terminal for a program under test: the test reads what the program shows, and presses keys.
///
/// The program runs in a session of its own with this as its terminal, so Ctrl-C and a change of size send signals. It
/// gets SIGHUP when this is released.
package final class PseudoTerminal: Sendable {
    private let descriptor: Int32
    /// The path of the program's end.
    package let path: String
    private let shown = Watched((text: "", isClosed: false))

    package init(columns: UInt16, rows: UInt16) throws {
        // What posix_openpt, unlockpt and ptsname do (pty(7)), which the Glibc module lacks.
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (unlocked, number): (Int32, Int32) = (0, 0)
        guard descriptor >= 0, ioctl(descriptor, Self.lock, &unlocked) == 0,
            ioctl(descriptor, Self.number, &number) == 0
        else { throw TestError.system("/dev/ptmx") }
        path = "/dev/pts/\(number)"
        resize(columns: columns, rows: rows)
        let (descriptor, shown) = (descriptor, shown)
        Task { try await offPool { Self.read(descriptor, into: shown) } }
    }

    /// TIOCSPTLCK and TIOCGPTN: Swift does not import such macros.
    private static let lock: UInt = 0x4004_5431
    private static let number: UInt = 0x8004_5430

    deinit { shown.update { $0.isClosed = true } }

    /// Reads until the terminal is released, and closes it.
    private static func read(_ descriptor: Int32, into shown: Watched<(text: String, isClosed: Bool)>) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while !shown.update({ $0.isClosed }) {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 20) > 0 else { continue }
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count > 0 {
                let text = String(decoding: bytes.prefix(count), as: UTF8.self)
                shown.update { $0.text += text }
            } else {
                // No program has the other end open, perhaps not yet.
                poll(nil, 0, 5)
            }
        }
        close(descriptor)
    }

    /// Everything that was shown so far.
    package var output: String { shown.update { $0.text } }

    /// What a screen shows that is drawn anew from its upper left corner: the latest drawing, without sequences.
    package var screen: [Substring] {
        // A drawing is complete when it clears what is below it.
        let drawings = output.components(separatedBy: "\u{1B}[H").filter { $0.contains("\u{1B}[J") }
        let latest = (drawings.last ?? "").components(separatedBy: "\u{1B}[J")[0]
        let text = latest.replacing(/\u{1B}\[[0-9;?]*[A-Za-z]/, with: "")
        // By scalars: "\r\n" is one character.
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" })).split(
            separator: "\n", omittingEmptySubsequences: false)
    }

    /// Waits until what is shown fulfils a condition.
    package func shows(_ what: String, _ isShown: @escaping @Sendable (PseudoTerminal) -> Bool) async throws {
        try await eventually("\(what) is shown") { isShown(self) }
    }

    package func press(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }

    package func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Whether the terminal echoes keys and gives a program whole lines, as shells want it.
    package var isOrdinary: Bool {
        var mode = termios()
        guard tcgetattr(descriptor, &mode) == 0 else { return false }
        return mode.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
    }

    /// The command line that runs `command` on this terminal.
    package func running(_ command: [String]) -> [String] {
        ["/bin/sh", "-c", "exec setsid -c -w \"$@\" <\"$0\" >\"$0\" 2>&1", path] + command
    }
}
