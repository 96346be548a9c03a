import CLinux
import Glibc

/// Reading and writing files at given offsets.
extension Descriptor {
    /// Attributes of an open file (fstat(2)).
    package struct FileState: Equatable, Sendable {
        /// Bytes.
        package let size: Int
        /// Whether it still has a name.
        package let isLinked: Bool
        /// The inode number, which a later file may get.
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

    /// When the file was created, in nanoseconds since the epoch; 0 if unknown.
    package var bornAt: Int64 { pm_birth_time(number) }

    /// Reads at `offset` until the buffer is full or the file ends.
    ///
    /// - Returns: the number of bytes.
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

    /// Writes all of `bytes` at `offset`. After an error, a part may have been written.
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
