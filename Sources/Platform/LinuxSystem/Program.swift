import Glibc

/// The running program.
package enum Program {
    /// The path that it was executed by, without symbolic links; nil if /proc can't be read. Also when the file was
    /// replaced since: then the path is that of the new program.
    package static let path: String? = {
        guard let path = FileSystem.target(ofLink: "/proc/self/exe") else { return nil }
        // As the kernel shows a file without a name (proc_pid_exe(5)).
        return path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
    }()

    private static let deleted = " (deleted)"

    /// The name that it was executed by, without the folder.
    package static let name = CommandLine.arguments.first?.split(separator: "/").last.map { String($0) } ?? "pmqtt"

    package static var pid: Int32 { getpid() }
    package static var parent: Int32 { getppid() }

    /// Executes another program in this process, with the same environment. Returns only if that fails.
    package static func become(_ arguments: [String]) -> SystemError {
        let path = arguments.first ?? ""
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        execv(path, &pointers)
        return SystemError("execute \(path)")
    }
}
