import CLinux
import Glibc

/// Files at given offsets.
extension Descriptor {
    /// What `fstat(2)` says of an open file.
    package struct FileState: Equatable, Sendable {
        /// Bytes.
        package let size: Int
        /// Whether it still has a name.
        package let isLinked: Bool
        /// Its number on its file system, which a later file may get.
        package let inode: UInt64
        /// Seconds since the epoch.
        package let modifiedAt: Double
    }

    package func fileState() throws(SystemError) -> FileState {
        var info = stat()
        try System.call("look at a file") { fstat(number, &info) }
        return FileState(
            size: Int(info.st_size), isLinked: info.st_nlink > 0, inode: UInt64(info.st_ino),
            modifiedAt: Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) / 1e9)
    }

    /// When the file was made, in nanoseconds since the epoch; 0 where that is not known.
    package var bornAt: Int64 { pm_birth_time(number) }

    /// Reads at `offset` until the buffer is full or the file ends.
    ///
    /// - Returns: how many bytes.
    package func read(into buffer: inout [UInt8], at offset: Int) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try System.call("read a file") {
                buffer.withUnsafeMutableBytes { bytes in
                    let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                    return pread(number, rest.baseAddress, rest.count, offset + done)
                }
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at `offset`. When it fails, a part may be written.
    package func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try System.call("write a file") {
                bytes.dropFirst(done).withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, offset + done) }
            }
        }
    }

    package func truncate(to size: Int) throws(SystemError) {
        try System.call("shorten a file") { ftruncate(number, size) }
    }
}
