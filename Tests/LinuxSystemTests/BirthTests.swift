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

        @Test func `a worker refuses a keeper with messages of another version`() throws {
            let socket = try KeeperSocket()
            socket.send(version: 3)
            var options = SpawnOptions()
            options.extras = [(socket.far, 3)]
            let run = try Run([try Binaries.agent, "--worker"], options: options)
            #expect(
                run.text() == """
                    pm-agent: pm-keeper's messages are of version 3, this pm-agent's of version 2: this worker ends, and the \
                    processes live on

                    """)
            #expect(run.wait()?.code == 112)
        }

        private static func inode(_ descriptor: Int32) -> ino_t {
            var info = stat()
            return fstat(descriptor, &info) == 0 ? info.st_ino : 0
        }
    }
}
