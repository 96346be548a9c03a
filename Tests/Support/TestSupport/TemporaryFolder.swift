import Glibc

/// A temporary folder, which is removed with this object. Its path is short: that of a Unix socket is limited to 107
/// bytes.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/pm-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestError.system("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    package func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    package func write(_ bytes: [UInt8], to name: String) throws {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestError.system("\(path)/\(name)") }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw TestError.system("\(path)/\(name)") }
    }

    /// The text of a file in the folder; empty if there is none.
    package func read(_ name: String) -> String { Self.text(of: "\(path)/\(name)") }

    /// The text of a file; empty if there is none.
    package static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The part of a cgroup's name that an agent derives from its state directory; `0` if the directory does not exist.
    package static func identity(of path: String) -> String {
        var info = stat()
        return stat(path, &info) == 0 ? "\(info.st_dev)-\(info.st_ino)" : "0"
    }

    /// The sorted names in a directory; empty if it does not exist.
    package static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        // unlink comes first, so that symbolic links are removed and not followed.
        guard unlink(path) != 0 else { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
