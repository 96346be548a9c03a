package import LinuxSystem

/// Why a stream is not written at present. The process must not come to a halt for it: what it writes is dropped.
package struct LogOutage: Sendable {
    package let reason: SystemError
    /// Bytes dropped since it began.
    package internal(set) var droppedBytes = 0
    /// When the file is tried again.
    let retryAt: Instant
    /// Whether the next byte of the pipe belongs to a line whose beginning was dropped, or stands alone in the file.
    var isMidLine: Bool

    mutating func add(dropped bytes: [UInt8]) {
        guard let last = bytes.last else { return }
        droppedBytes += bytes.count
        isMidLine = last != UInt8(ascii: "\n")
    }

    /// What stands in the file in place of what was dropped.
    var note: String { "[pmqtt: \(droppedBytes) bytes not written: \(reason.reason)]\n" }
}
