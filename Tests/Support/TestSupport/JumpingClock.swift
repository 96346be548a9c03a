import Glibc

/// Shifts the wall clock of one agent; the clock of the system is not changed (`CClockJump`).
package final class JumpingClock: Sendable {
    private let path: String

    /// - Parameter path: the file with the offset, which is created.
    package init(at path: String) throws {
        self.path = path
        try set(0)
    }

    /// The words to put before the agent's command.
    package var wrapper: [String] {
        get throws { ["/usr/bin/env", "LD_PRELOAD=\(try Binaries.find("libpm_jump.so"))", "PM_CLOCK_JUMP=\(path)"] }
    }

    /// - Parameter seconds: the offset from now on.
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
