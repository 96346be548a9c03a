import Glibc

/// The wall clock of an agent, which may be set to anything: the machine's own stays as it is (`CClockJump`).
package final class JumpingClock: Sendable {
    private let path: String

    /// - Parameter path: a file that is made.
    package init(at path: String) throws {
        self.path = path
        try set(0)
    }

    /// Words before the agent's command.
    package var wrapper: [String] {
        get throws { ["/usr/bin/env", "LD_PRELOAD=\(try Binaries.find("libpm_jump.so"))", "PM_CLOCK_JUMP=\(path)"] }
    }

    /// - Parameter seconds: by which it is off from now on.
    package func set(_ seconds: Int) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw TestError.system(path) }
        defer { close(file) }
        var jump = Int64(seconds)
        guard write(file, &jump, MemoryLayout<Int64>.size) == MemoryLayout<Int64>.size else {
            throw TestError.system(path)
        }
    }
}
