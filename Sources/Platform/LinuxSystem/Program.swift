import Glibc

/// The running program.
package enum Program {
    /// Its path; nil if /proc can't be read.
    package static var path: String? {
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

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
