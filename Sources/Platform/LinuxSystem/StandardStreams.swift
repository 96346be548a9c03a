import Glibc

/// Descriptors 0, 1 and 2.
package enum StandardStreams {
    /// Opens the standard streams that the program was started without. Otherwise the next opened file would get one of
    /// their numbers, and log lines would be written into it.
    package static func ensureOpen() {
        while true {
            let number = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard (0...2).contains(number) else {
                if number > 2 { close(number) }
                return
            }
        }
    }

    package static func isTerminal(_ number: Int32) -> Bool { isatty(number) == 1 }

    /// The width of the terminal that stdout is; nil if it is none, or does not tell.
    package static var columns: Int? {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}
