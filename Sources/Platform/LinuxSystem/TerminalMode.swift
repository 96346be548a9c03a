import Glibc

/// The mode of the terminal that stdin is: whole lines with an echo, or single keys.
///
/// Signals of the keyboard (Ctrl-C, Ctrl-Z) work in both.
package final class TerminalMode {
    private let original: termios

    /// Nil if stdin is no terminal.
    package init?() {
        var mode = termios()
        guard tcgetattr(0, &mode) == 0 else { return nil }
        original = mode
    }

    /// From now on, a read returns what keys have sent, at once and without an echo.
    package func readKeys() {
        var mode = original
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &mode.c_cc) { characters in
            characters[Int(VMIN)] = 0
            characters[Int(VTIME)] = 0
        }
        set(mode)
    }

    package func restore() { set(original) }

    private func set(_ mode: termios) {
        var mode = mode
        while tcsetattr(0, TCSADRAIN, &mode) != 0, errno == EINTR {}
    }

    /// Stops this program as Ctrl-Z does, until SIGCONT.
    package static func suspend() { raise(SIGSTOP) }
}
