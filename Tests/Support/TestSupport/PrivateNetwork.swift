import Glibc

/// A network namespace of a test's own, with a loopback interface.
package final class PrivateNetwork: Sendable {
    /// Why a test can't have one; nil if it can.
    package static let obstacle: String? = {
        if getuid() != 0 { return "needs root" }
        for program in ["/usr/sbin/ip", "/usr/bin/nsenter"] where access(program, X_OK) != 0 {
            return "needs \(program)"
        }
        return access("/dev/net/tun", F_OK) == 0 ? nil : "needs /dev/net/tun"
    }()

    private let folder: TemporaryFolder
    /// Keeps the namespace.
    private let holder: ChildProcess

    package init() async throws {
        folder = try TemporaryFolder()
        let script = "/usr/sbin/ip link set lo up && echo up && exec sleep 100000"
        holder = try ChildProcess(["/usr/bin/unshare", "-n", "/bin/sh", "-c", script], log: "\(folder.path)/log")
        try await eventually("a network namespace") { [folder] in folder.read("log") == "up\n" }
    }

    deinit { holder.end(with: SIGKILL) }

    var pid: pid_t { holder.pid }

    /// Words before a command, which then runs in it.
    package var inside: [String] { ["/usr/bin/nsenter", "--net=/proc/\(holder.pid)/ns/net"] }

    /// Runs a command in it to its end.
    package func run(_ words: String...) async throws {
        let status = try await ChildProcess(inside + words, log: "\(folder.path)/run").ended()
        guard status == 0 else { throw TestError("\(words): \(folder.read("run"))") }
    }
}
