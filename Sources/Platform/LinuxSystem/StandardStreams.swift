import Glibc

/// Descriptors 0, 1 and 2.
package enum StandardStreams {
    /// Opens those that the program was started without: else the next file it opens would take their place, and what
    /// is meant for a log would end up in it.
    package static func ensureOpen() {
        while true {
            let number = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard (0...2).contains(number) else {
                if number > 2 { close(number) }
                return
            }
        }
    }
}
