import LinuxSystem

/// A place in a log: behind so many bytes of one of its files, whatever that is called by now.
package struct LogPosition: Hashable, Sendable {
    let file: FileIdentity
    let offset: Int

    /// The file, and no later one that has got its inode.
    struct FileIdentity: Hashable, Sendable {
        let inode: UInt64
        let bornAt: Int64
    }
}

extension LogPosition: CustomStringConvertible {
    /// For others it has no meaning but to be given back.
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
