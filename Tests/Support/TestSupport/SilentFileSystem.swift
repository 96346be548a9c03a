import Glibc
import Synchronization

/// A file system that does not answer: a FUSE mount without a server. A process that uses it blocks until it is
/// unmounted.
package final class SilentFileSystem: Sendable {
    package enum Kind: CaseIterable, Sendable {
        /// Requests are not read: a waiting process can be killed.
        case unread
        /// Requests are read but not answered: a waiting process cannot even be killed.
        case unanswered
    }

    /// Why this host cannot mount one; nil if it can.
    package static let obstacle: String? = {
        guard geteuid() == 0 else { return "only root may mount" }
        do {
            let folder = try TemporaryFolder()
            _ = try SilentFileSystem(.unread, at: folder.path)
            return nil
        } catch {
            return "no FUSE here: \(error)"
        }
    }()

    package let path: String
    private let device: Int32
    /// A pipe that ends the reading thread.
    private let stop: (read: Int32, write: Int32)
    private let ended = Mutex(false)
    private let thread: pthread_t?

    /// - Parameter path: the directory to mount on.
    package init(_ kind: Kind, at path: String) throws {
        self.path = path
        device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard device >= 0 else { throw TestError.system("open /dev/fuse") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestError.system("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stop = (ends[0], ends[1])
        let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0,allow_other"
        guard mount("silent", path, "fuse", UInt(MS_NOSUID | MS_NODEV), options) == 0 else {
            let error = TestError.system("mount")
            for number in [device, ends[0], ends[1]] { close(number) }
            throw error
        }
        thread = kind == .unanswered ? Self.read(device, until: ends[0]) : nil
    }

    deinit { end() }

    /// Unmounts it. Waiting processes get an error (ENOTCONN).
    package func end() {
        guard
            ended.withLock({ ended in
                defer { ended = true }; return !ended
            })
        else { return }
        close(stop.write)
        if let thread { pthread_join(thread, nil) }
        umount2(path, Int32(MNT_FORCE | MNT_DETACH))
        close(device)
        close(stop.read)
    }

    /// Starts a thread that reads requests and answers only FUSE_INIT.
    private static func read(_ device: Int32, until end: Int32) -> pthread_t? {
        var thread = pthread_t()
        let numbers = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
        (numbers[0], numbers[1]) = (device, end)
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let numbers = context?.assumingMemoryBound(to: Int32.self) else { return nil }
                defer { numbers.deallocate() }
                var request = [UInt32](repeating: 0, count: 1 << 16)
                while true {
                    var states = [
                        pollfd(fd: numbers[0], events: Int16(POLLIN), revents: 0),
                        pollfd(fd: numbers[1], events: Int16(POLLIN), revents: 0),
                    ]
                    poll(&states, 2, -1)
                    if states[1].revents != 0 { return nil }
                    guard Glibc.read(numbers[0], &request, request.count * 4) > 0 else {
                        if errno == EINTR || errno == ENOENT || errno == EAGAIN { continue }
                        return nil
                    }
                    SilentFileSystem.greet(request, on: numbers[0])
                }
            }, numbers)
        return error == 0 ? thread : nil
    }

    /// Answers FUSE_INIT (struct fuse_init_out in <linux/fuse.h>, after the header).
    private static func greet(_ request: [UInt32], on device: Int32) {
        let initialise: UInt32 = 26
        guard request[1] == initialise else { return }
        var answer = [UInt32](repeating: 0, count: 20)
        answer[0] = UInt32(answer.count * 4)
        (answer[2], answer[3]) = (request[2], request[3])
        // The requested version, and buffer sizes.
        (answer[4], answer[5]) = (7, min(request[11], 31))
        (answer[6], answer[9]) = (1 << 16, 1 << 16)
        _ = write(device, answer, answer.count * 4)
    }
}
