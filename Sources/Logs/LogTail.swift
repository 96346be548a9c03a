/// The last lines of a stream.
package struct LogTail: Equatable, Sendable {
    /// The oldest first, without their newlines. Invalid UTF-8 and NUL, which no string of ours in JSON may hold, are
    /// U+FFFD.
    package internal(set) var lines: [String] = []
    /// Whether there are more of the wanted lines than there was room for, or one was cut.
    package internal(set) var isTruncated = false
}
