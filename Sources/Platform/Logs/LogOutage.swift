package import LinuxSystem

/// Why a stream can't be written at present. The process must not stall, so its output is dropped.
package struct LogOutage: Sendable {
    package let reason: SystemError
    /// Bytes dropped since it began.
    package internal(set) var droppedBytes = 0
    /// When writing is tried again.
    let retryAt: Instant
    /// Whether the next byte of the pipe continues a line, of which the beginning was dropped or written.
    var isMidLine: Bool

    mutating func add(dropped bytes: [UInt8]) {
        guard let last = bytes.last else { return }
        droppedBytes += bytes.count
        isMidLine = last != UInt8(ascii: "\n")
    }

    /// The line that is written to the file in place of the dropped bytes.
    var note: String { "[pmqtt: \(droppedBytes) bytes not written: \(reason.reason)]\n" }
}
