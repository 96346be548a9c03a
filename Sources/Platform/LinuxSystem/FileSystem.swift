import CLinux
import Glibc

/// The file system functions that pmqtt needs. Writing is in `FileSystem+Writing.swift`.
package enum FileSystem {
    package enum Kind: Equatable, Sendable { case directory, other }

    /// What is at `path`, with symbolic links followed; nil if nothing is, or if it is not accessible.
    package static func kind(of path: String) -> Kind? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return info.st_mode & S_IFMT == S_IFDIR ? .directory : .other
    }

    /// The absolute path without symbolic links and dots (realpath(3)); nil if the path leads nowhere.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The first line of a small file, as those in /proc; nil if it can't be read.
    package static func firstLine(of path: String) -> String? {
        let bytes = try? read(path, limit: 4096)
        return bytes.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
    }

    /// A path that is right in any working directory. It need not exist.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return "\(String(cString: directory))/\(path)"
    }

    /// The target of a symbolic link; nil if it does not exist or may not be read.
    static func target(ofLink path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A text that identifies a file on this host while it exists: device and inode number. "0" if there is no file.
    package static func identity(of path: String) -> String {
        var info = stat()
        return stat(path, &info) == 0 ? "\(info.st_dev)-\(info.st_ino)" : "0"
    }

    /// Whether `path` is a file that this user may execute.
    package static func isExecutable(_ path: String) -> Bool {
        kind(of: path) == .other && access(path, X_OK) == 0
    }

    /// Why this user can't read a file (access(2)); nil if it can.
    package static func readingError(of path: String) -> SystemError? {
        access(path, R_OK) == 0 ? nil : SystemError("read \(path)")
    }

    /// Whether this user may read and write it.
    package static func isAccessible(_ path: String) -> Bool { access(path, R_OK | W_OK) == 0 }

    /// Makes a directory and its parents. Only this user may write to them.
    package static func makeDirectories(_ path: String) throws(SystemError) {
        if kind(of: path) == .directory { return }
        if let parent = path.lastIndex(of: "/"), parent != path.startIndex {
            try makeDirectories(String(path[..<parent]))
        }
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw SystemError("make the directory \(path)") }
    }

    /// The names of the directories in a directory; empty if it can't be read.
    package static func directories(in path: String) -> [String] {
        var names: [String] = []
        forEachEntry(in: path) { name, type in
            let name = String(decoding: name, as: UTF8.self)
            if type == UInt8(DT_DIR), name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Calls `body` with the name and type (`DT_DIR`, …) of every entry of a directory.
    static func forEachEntry(in path: String, _ body: (_ name: UnsafeRawBufferPointer, _ type: UInt8) -> Void) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            withUnsafeBytes(of: &entry.pointee.d_name) { name in
                body(UnsafeRawBufferPointer(rebasing: name.prefix { $0 != 0 }), entry.pointee.d_type)
            }
        }
    }

    /// - Returns: whether a file was removed.
    @discardableResult
    package static func remove(_ path: String) -> Bool { unlink(path) == 0 }

    /// Removes a directory and everything in it, without following links.
    package static func removeTree(_ path: String) {
        var entries: [(path: String, isDirectory: Bool)] = []
        forEachEntry(in: path) { name, type in
            let name = String(decoding: name, as: UTF8.self)
            if name != ".", name != ".." { entries.append(("\(path)/\(name)", type == UInt8(DT_DIR))) }
        }
        for entry in entries { if entry.isDirectory { removeTree(entry.path) } else { remove(entry.path) } }
        rmdir(path)
    }

    /// Makes a hard link, unless `other` exists.
    package static func link(_ path: String, to other: String) { _ = Glibc.link(path, other) }

    /// Renames a file, replacing `other` if it exists.
    package static func rename(_ path: String, to other: String) throws(SystemError) {
        try System.call("rename \(path)") { Glibc.rename(path, other) }
    }

    /// Reads a whole file.
    ///
    /// - Parameter limit: bytes; a larger file is an error.
    package static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        // Nonblocking, so that opening a named pipe without a writer does not hang.
        let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try System.call("read \(path)") { Glibc.read(file.number, &chunk, chunk.count) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw SystemError("read \(path)", errno: EFBIG) }
        }
    }

    /// Writes text to a descriptor until all is written or it fails; for a program's own log.
    package static func write(_ text: String, to descriptor: Int32) { try? write(Array(text.utf8), to: descriptor) }

    /// Writes all bytes at the position of a descriptor that this program need not own, as its standard streams.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try System.call("write") {
                rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension Descriptor {
    /// Locks a file (flock(2)) until the descriptor is closed.
    ///
    /// - Returns: nil if another process holds the lock.
    package static func lock(_ path: String) throws(SystemError) -> Descriptor? {
        let file = try openToLock(path)
        if flock(file.number, LOCK_EX | LOCK_NB) == 0 { return file }
        if errno == EWOULDBLOCK { return nil }
        // Some network file systems have only the locks of fcntl(2). Those of an open file description are inherited and
        // released as those of flock(2).
        let failure = SystemError("lock \(path)")
        if pm_lock_description(file.number) == 0 { return file }
        guard [EAGAIN, EACCES].contains(errno) else { throw failure }
        return nil
    }

    /// Releases the lock. An owner that keeps the descriptor only for its lock must call this at its end: without a use
    /// there, the optimizer may close the descriptor right after the lock.
    package func unlock() {
        flock(number, LOCK_UN)
        _ = pm_unlock_description(number)
    }

    /// Waits for the lock of a file.
    ///
    /// - Parameters:
    ///   - patience: seconds to wait for a process that is about to end.
    ///   - refusal: the error's action if the lock is held for longer.
    package static func lock(
        _ path: String, patience: Double, refusal: String
    ) throws(SystemError) -> Descriptor {
        let deadline = Instant.now + .seconds(patience)
        while true {
            if let lock = try lock(path) { return lock }
            guard Instant.now < deadline else { throw SystemError(refusal, errno: EBUSY) }
            usleep(10_000)
        }
    }

    /// An existing file can be locked where nothing can be written.
    private static func openToLock(_ path: String) throws(SystemError) -> Descriptor {
        do { return try Descriptor.open(path, O_RDWR | O_CREAT) } catch {
            guard let file = try? Descriptor.open(path, O_RDONLY) else { throw error }
            return file
        }
    }
}
