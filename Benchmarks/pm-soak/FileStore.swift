import Glibc
import TestSupport

/// The file operations that the soak needs.
enum FileStore {
    static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw TestError("can't make \(path)") }
    }

    /// Replaces a file atomically.
    static func replace(_ path: String, _ text: String) throws {
        let bytes = Array(text.utf8)
        let file = open("\(path).new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestError("can't write \(path)") }
        let written = write(file, bytes, bytes.count)
        close(file)
        guard written == bytes.count, rename("\(path).new", path) == 0 else { throw TestError("can't write \(path)") }
    }

    static func remove(_ path: String) { unlink(path) }

    /// The names in a directory; empty if it does not exist.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The paths below `path` that match.
    static func search(_ path: String, _ matches: (_ name: String, _ mode: mode_t) -> Bool) -> [String] {
        names(in: path).flatMap { name -> [String] in
            var info = stat()
            let full = "\(path)/\(name)"
            guard lstat(full, &info) == 0 else { return [] }
            let own = matches(name, info.st_mode & S_IFMT) ? [full] : []
            return own + (info.st_mode & S_IFMT == S_IFDIR ? search(full, matches) : [])
        }
    }
}
