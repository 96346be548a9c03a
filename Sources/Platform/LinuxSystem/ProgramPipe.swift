import CLinux
import Glibc

/// A pipe between this program and one that it starts.
package struct ProgramPipe: ~Copyable {
    /// Does not block.
    package let own: Descriptor
    /// Blocks. To be closed here once the program has it.
    package let program: Descriptor

    /// - Parameters:
    ///   - mode: how the program's end is open. O_WRONLY leaves this program the end to read from. With O_RDWR the program
    ///     itself holds both ends: what it reads from never ends, whatever becomes of this program.
    ///   - account: as whom the program runs, so that it can open the pipe by name (`/dev/stdin`, `/dev/stdout`).
    package init(program mode: Int32, of account: Account?) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try System.call("create a pipe") { pm_pipe(&ends) }
        let readEnd = Descriptor(owning: ends[0])
        let writeEnd = Descriptor(owning: ends[1])
        // Only root can; and where even root can't, the program still has its descriptor.
        if let account { _ = fchown(writeEnd.number, account.user, account.group) }
        let program = try Descriptor.open("/proc/self/fd/\(writeEnd.number)", mode)
        own = consume readEnd
        self.program = program
    }

    /// Closes the program's.
    package consuming func takeOwn() -> Descriptor { own }

    /// Closes this program's.
    package consuming func takeProgram() -> Descriptor { program }
}
