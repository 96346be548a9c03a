import CLinux
import Glibc

/// Pipes.
extension Descriptor {
    package enum PipeState: Equatable, Sendable { case holdsBytes, empty, ended }

    /// What a read of this pipe would find.
    package var pipeState: PipeState {
        var state = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        poll(&state, 1, 0)
        if state.revents & Int16(POLLIN) != 0 { return .holdsBytes }
        return state.revents == 0 ? .empty : .ended
    }

    /// Bytes that wait in a pipe; 0 when it can't be told.
    package var waitingBytes: Int {
        var count: Int32 = 0
        return ioctl(number, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Has it hold so many bytes, where a user may still have pipes of that size (pipe(7)).
    package func holdMore(_ bytes: Int) { _ = pm_resize_pipe(number, Int32(clamping: bytes)) }

    /// Moves bytes from this pipe into a file within the kernel: they are in one or the other, whenever we end.
    ///
    /// - Returns: how many; 0 when the pipe is empty and nobody can write to it any more; nil when it is empty for now.
    package func splice(
        to file: borrowing Descriptor, at offset: Int, count: Int
    ) throws(SystemError) -> Int? {
        let file = file.number
        return try orEmpty { () throws(SystemError) in
            try System.call("write a file") { pm_splice(number, file, Int64(offset), count) }
        }
    }

    /// Takes bytes out of this pipe, as many as fit into `buffer` at most.
    ///
    /// - Returns: how many; 0 when the pipe is empty and nobody can write to it any more; nil when it is empty for now.
    package func take(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        try orEmpty { () throws(SystemError) in
            try System.call("read a pipe") { Glibc.read(number, &buffer, buffer.count) }
        }
    }

    private func orEmpty(_ call: () throws(SystemError) -> Int) throws(SystemError) -> Int? {
        do { return try call() } catch {
            if error.number == EAGAIN { return nil }
            throw error
        }
    }
}
