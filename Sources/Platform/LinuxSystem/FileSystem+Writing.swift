import CLinux
import Glibc

extension FileSystem {
    /// Replaces a file in one step (rename(2)): a reader sees the old content or the new one, complete.
    ///
    /// - Parameter isDurable: whether the new content must survive a power cut from now on, which waits for the disk.
    package static func replace(_ path: String, with bytes: [UInt8], isDurable: Bool) throws(SystemError) {
        let temporary = "\(path).new"
        do throws(SystemError) {
            let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try file.write(bytes)
            if isDurable { try System.call("write \(path)") { fsync(file.number) } }
            if isDurable || !exchange(temporary, path) {
                try System.call("rename \(temporary)") { Glibc.rename(temporary, path) }
            }
            guard isDurable, let slash = path.lastIndex(of: "/") else { return }
            let directory = try Descriptor.open(String(path[..<slash]), O_RDONLY | O_DIRECTORY)
            try System.call("write \(path)") { fsync(directory.number) }
        } catch {
            remove(temporary)
            throw error
        }
    }

    /// Exchanges the names of two files, and removes the old content.
    ///
    /// A plain rename onto a file makes ext4 write out the new content (ext4(5), auto_da_alloc), which takes a
    /// millisecond or more.
    private static func exchange(_ new: String, _ old: String) -> Bool {
        guard kind(of: old) == .other, pm_exchange(new, old) == 0 else { return false }
        remove(new)
        return true
    }

    /// Waits until a file and its name are on the disk.
    package static func sync(_ path: String) throws(SystemError) {
        let file = try Descriptor.open(path, O_RDONLY)
        try System.call("write \(path)") { fsync(file.number) }
        guard let slash = path.lastIndex(of: "/") else { return }
        let directory = try Descriptor.open(String(path[..<slash]), O_RDONLY | O_DIRECTORY)
        try System.call("write \(path)") { fsync(directory.number) }
    }

    /// The sorted names in a directory, without those that begin with a dot.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else { throw SystemError("read \(path)") }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // A partly read directory is an error.
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw SystemError("read \(path)") }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
    }
}

extension Descriptor {
    /// Sets the position to the start of the file.
    package func rewind() { lseek(number, 0, SEEK_SET) }

    /// Reads the whole file from its start.
    ///
    /// - Parameter limit: bytes; a larger file is an error.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try System.call("read") { pread(number, &chunk, chunk.count, off_t(bytes.count)) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw SystemError("read", errno: EFBIG) }
        }
    }

    /// An unnamed file in memory, which exists as long as a descriptor of it is open (memfd_create(2)).
    package static func memory(_ name: String) throws(SystemError) -> Descriptor {
        Descriptor(owning: try System.call("make a file in memory") { pm_memory_file(name) })
    }
}
