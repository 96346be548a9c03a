import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// What a newborn announces, and when.
    @Suite struct BirthTests {
        @Test func `a child announces itself and its logs before exec`() throws {
            let socket = try KeeperSocket()
            let (out, err) = (Pipe(), Pipe())
            var options = SpawnOptions()
            options.launch = 1 << 60
            options.announcement = socket.far
            options.logEnds = (out.readEnd, err.readEnd)
            let run = try Run(["/bin/sleep", "1000"], options: options)
            // Exec has succeeded, and the message was sent before.
            let message = try #require(socket.receive())
            #expect(message.kind == 1 && message.pid == run.handle.pid && message.launch == 1 << 60)
            #expect(message.descriptors.map(Self.inode) == [Self.inode(out.readEnd), Self.inode(err.readEnd)])
            for descriptor in message.descriptors { close(descriptor) }
        }

        @Test func `a child that fails to execute has announced itself, too`() throws {
            let socket = try KeeperSocket()
            var options = SpawnOptions()
            options.announcement = socket.far
            #expect(throws: SpawnError.self) { try Run(["/no/such"], options: options).wait() }
            let message = try #require(socket.receive())
            #expect(message.kind == 1 && message.descriptors.isEmpty && message.pid > 0)
            #expect(!SystemProcess(Int(message.pid)).exists)
        }

        @Test func `a child starts without a keeper`() throws {
            let socket = try KeeperSocket()
            socket.closeNear()
            var options = SpawnOptions()
            options.announcement = socket.far
            #expect(try Run.output(of: "echo here", options: options) == "here\n")
        }

        @Test func `exec failures leave no zombie and say what failed`() throws {
            let socket = try KeeperSocket()
            var options = SpawnOptions()
            options.announcement = socket.far
            let cases: [(String, (inout LaunchPlan) -> Void)] = [
                ("no such file or directory", { $0.executable = "/no/such" }),
                ("permission denied", { $0.executable = "/etc/passwd" }),
                ("working directory: no such file or directory", { $0.directory = "/no/such" }),
                ("limits.open_files: operation not permitted", { $0.openFiles = 1 << 40 }),
            ]
            for (reason, change) in cases {
                let error = #expect(throws: SpawnError.self) {
                    try Run(["/bin/true"], options: options, change: change).wait()
                }
                #expect(error?.reason == reason)
                let pid = try #require(socket.receive()).pid
                #expect(waitpid(pid, nil, WNOHANG) == -1 && errno == ECHILD)
            }
        }

        /// The parent runs the tests and does not expect these children: they stay zombies until it ends.
        @Test func `a child of our parent is not ours to reap, whether exec succeeds or fails`() throws {
            let socket = try KeeperSocket()
            var options = SpawnOptions()
            options.parentReaps = true
            options.announcement = socket.far
            let error = #expect(throws: SpawnError.self) { try Run(["/no/such"], options: options).wait() }
            #expect(error?.number == ENOENT)
            let failed = try #require(socket.receive())
            #expect(waitpid(failed.pid, nil, WNOHANG) == -1)

            let run = try Run(["/bin/sleep", "1000"], options: options)
            let pid = run.handle.pid
            #expect(try #require(socket.receive()).pid == pid)
            #expect(SystemProcess(Int(pid)).parent == Int(getppid()) && run.wait() == nil)
        }

        /// The first is a message without a hello, the second a hello whose sender knows no older version.
        @Test(arguments: [(4, 0, 3), (11, 4, 3)]) func `a worker refuses a keeper that is too far away`(
            kind: UInt32, status: UInt32, version: UInt32
        ) throws {
            let socket = try KeeperSocket()
            socket.send(kind: kind, status: status, version: version)
            var options = SpawnOptions()
            options.extras = [(socket.far, 3)]
            let run = try Run([try Binaries.agent, "--worker"], options: options)
            let told = max(status, version)
            let reason =
                "pm-keeper's messages are of version \(told), this pm-agent's of version 2: this worker ends, and the "
                + "processes live on"
            #expect(run.text().contains(reason))
            #expect(run.wait()?.code == 112)
        }

        /// A keeper without a hello, of the same version, and of the next one, which is understood by this one.
        @Test(arguments: [nil, 2, 3]) func `a worker answers a keeper next to it, and drops what it does not know`(
            status: UInt32?
        ) async throws {
            let (socket, pipe, folder) = (try KeeperSocket(), Pipe(), try TemporaryFolder())
            let version = status.map { $0 - 1 } ?? 1
            if let status { socket.send(kind: 11, status: status, version: version) }
            socket.send(kind: 99, version: version, descriptor: pipe.writeEnd)
            socket.send(kind: 4, version: version)
            socket.send(kind: 99, version: version, descriptor: pipe.writeEnd)
            pipe.closeWriteEnd()
            var options = SpawnOptions()
            options.extras = [(socket.far, 3)]
            let state = "\(folder.path)/state"
            let run = try Run(
                [
                    try Binaries.agent, "--worker", "--host", "h", "--broker", "unix:///no/such", "--state-dir", state,
                ], options: options)
            var messages: [KeeperSocket.Message] = []
            try await eventually("that it is ready") {
                while let message = socket.receive() { messages.append(message) }
                return messages.contains { $0.kind == 4 }
            }
            #expect(messages.first?.kind == 11 && messages.first?.status == 2)
            for message in messages { for descriptor in message.descriptors { close(descriptor) } }
            // The pipe has no writer any more, although the worker runs.
            try await eventually("that the descriptors are closed") {
                var state = pollfd(fd: pipe.readEnd, events: 0, revents: 0)
                return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLHUP) != 0
            }
            #expect(SystemProcess(Int(run.handle.pid)).state != "Z")
        }

        private static func inode(_ descriptor: Int32) -> ino_t {
            var info = stat()
            return fstat(descriptor, &info) == 0 ? info.st_ino : 0
        }
    }
}
