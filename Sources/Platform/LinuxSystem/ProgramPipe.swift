import CLinux
import Glibc

/// A pipe between this program and a child.
package struct ProgramPipe: ~Copyable {
    /// Does not block.
    package let own: Descriptor
    /// Blocks. Must be closed here once the child has it.
    package let program: Descriptor

    /// - Parameters:
    ///   - mode: the open mode of the child's end. O_WRONLY leaves this program the read end. With O_RDWR the child
    ///     itself holds both ends: its input never ends, even if this program does.
    ///   - account: the child's account, so that the child can open the pipe by name (`/dev/stdin`, `/dev/stdout`).
    package init(program mode: Int32, of account: Account?) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try System.call("create a pipe") { pm_pipe(&ends) }
        let readEnd = Descriptor(owning: ends[0])
        let writeEnd = Descriptor(owning: ends[1])
        // Only root may do this. Where root may not either, the child still has its descriptor.
        if let account { _ = fchown(writeEnd.number, account.user, account.group) }
        let program = try Descriptor.open("/proc/self/fd/\(writeEnd.number)", mode)
        own = consume readEnd
        self.program = program
    }

    /// Returns this program's end and closes the child's.
    package consuming func takeOwn() -> Descriptor { own }

    /// Returns the child's end and closes this program's.
    package consuming func takeProgram() -> Descriptor { program }
}
