import CLinux
import Glibc

extension FileSystem {
    /// Which users beside root and this program's user can read or change a file, as a sentence. Nil if none can, or if
    /// there is no file to look at.
    package static func exposure(of path: String) -> String? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        if info.st_mode & 0o002 != 0 { return "every user can write it" }
        if info.st_mode & 0o004 != 0 { return "every user can read it" }
        if info.st_uid != 0, info.st_uid != geteuid() { return "user \(info.st_uid), which owns it, can write it" }
        if info.st_mode & 0o020 != 0, info.st_gid != 0, info.st_gid != getegid() {
            return "group \(info.st_gid) can write it"
        }
        if info.st_mode & 0o040 != 0, info.st_gid != 0, info.st_gid != getegid() {
            return "group \(info.st_gid) can read it"
        }
        return exposure(ofDirectory: path)
    }

    /// A user that can write to a directory can replace a file in it.
    private static func exposure(ofDirectory path: String) -> String? {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var info = stat()
        guard stat(directory, &info) == 0, info.st_mode & S_ISVTX == 0 else { return nil }
        if info.st_mode & 0o002 != 0 { return "every user can replace it: \(directory) is writable" }
        if info.st_uid != 0, info.st_uid != geteuid() {
            return "user \(info.st_uid), which owns \(directory), can replace it"
        }
        if info.st_mode & 0o020 != 0, info.st_gid != 0, info.st_gid != getegid() {
            return "group \(info.st_gid) can replace it: \(directory) is writable"
        }
        return nil
    }
}
