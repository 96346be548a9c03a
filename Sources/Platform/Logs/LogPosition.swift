import LinuxSystem

/// A position in a log: an offset in one of its files, whatever the file is called by now.
package struct LogPosition: Hashable, Sendable {
    let file: FileIdentity
    let offset: Int

    /// Identifies a file, unlike a later one with the same inode.
    struct FileIdentity: Hashable, Sendable {
        let inode: UInt64
        let bornAt: Int64
    }
}

extension LogPosition: CustomStringConvertible {
    /// An opaque text for clients, which send it back to read on.
    package var description: String {
        [String(file.inode, radix: 36), String(file.bornAt, radix: 36), String(offset, radix: 36)].joined(
            separator: ".")
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let inode = UInt64(parts[0], radix: 36), let bornAt = Int64(parts[1], radix: 36),
            let offset = Int(parts[2], radix: 36), offset >= 0
        else { return nil }
        self.init(file: FileIdentity(inode: inode, bornAt: bornAt), offset: offset)
    }
}
