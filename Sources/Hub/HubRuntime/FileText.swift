import Glibc

/// The hub's files. The hub does not use LinuxSystem, because it runs in the broker's process.
package enum FileText {
    /// - Returns: nil if it can't be read. What exceeds the limit is missing.
    package static func bytes(of path: String, limit: Int) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return ferror(file) == 0 ? bytes : nil }
            bytes += buffer.prefix(count)
        }
        return nil
    }

    /// Replaces a file by a rename.
    ///
    /// - Returns: false, with errno set, if that was not possible.
    static func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        let fresh = "\(path).new"
        guard let file = fopen(fresh, "we") else { return false }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { return false }
        return rename(fresh, path) == 0
    }
}
