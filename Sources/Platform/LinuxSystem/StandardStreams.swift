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

    /// Reads stdin to its end.
    ///
    /// - Parameter limit: bytes; more is an error.
    package static func readInput(limit: Int) throws(SystemError) -> [UInt8] {
        let input = Descriptor(copying: 0)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let count = try input.take(into: &chunk, from: "stdin") {
                if count == 0 { return bytes }
                bytes.append(contentsOf: chunk[..<count])
                guard bytes.count <= limit else { throw SystemError("read stdin", errno: EFBIG) }
            } else {
                // Another program has made the pipe or the terminal nonblocking.
                try input.awaitBytes(of: "stdin", orEndOf: -1)
            }
        }
    }

    /// The width of the terminal that stdout is; nil if it is none, or does not tell.
    package static var columns: Int? { size.flatMap { $0.ws_col > 0 ? Int($0.ws_col) : nil } }

    /// Its height in lines.
    package static var rows: Int? { size.flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } }

    private static var size: winsize? {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }
}
