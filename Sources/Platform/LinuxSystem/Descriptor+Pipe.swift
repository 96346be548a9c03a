import CLinux
import Glibc

/// Pipes.
extension Descriptor {
    package enum PipeState: Equatable, Sendable { case holdsBytes, empty, ended }

    /// What a read of this pipe would return.
    package var pipeState: PipeState {
        var state = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        poll(&state, 1, 0)
        if state.revents & Int16(POLLIN) != 0 { return .holdsBytes }
        return state.revents == 0 ? .empty : .ended
    }

    /// The number of bytes in a pipe; 0 if unknown.
    package var waitingBytes: Int {
        var count: Int32 = 0
        return ioctl(number, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Raises the pipe's capacity in bytes, if its user's limit allows that (pipe(7)).
    package func holdMore(_ bytes: Int) { _ = pm_resize_pipe(number, Int32(clamping: bytes)) }

    /// Moves bytes from this pipe to a file inside the kernel, so that they are in one of both whenever this program
    /// dies.
    ///
    /// - Returns: the number of bytes; 0 if the pipe is empty and has no writer any more; nil if it is empty for now.
    package func splice(
        to file: borrowing Descriptor, at offset: Int, count: Int
    ) throws(SystemError) -> Int? {
        let file = file.number
        return try orEmpty { () throws(SystemError) in
            try System.call("write a file") { pm_splice(number, file, Int64(offset), count) }
        }
    }
}
