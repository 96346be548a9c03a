import Glibc
import LinuxSystem
import Testing

/// One launch of a program. Its stdout and stderr come back through a pipe.
struct Run: ~Copyable {
    let handle: ProcessHandle
    private let output = Pipe()

    init(_ command: [String], options: SpawnOptions = SpawnOptions(), change: (inout LaunchPlan) -> Void = { _ in })
        throws
    {
        var plan = LaunchPlan(
            executable: command[0], arguments: command, environment: ["PATH=/usr/bin:/bin"], directory: "/")
        change(&plan)
        let null = try Descriptor.open("/dev/null", O_RDWR)
        let writeEnd = Descriptor(owning: dup(output.writeEnd))
        handle = try ProcessHandle.spawn(plan, input: null, output: writeEnd, error: writeEnd, options: options)
    }

    deinit {
        handle.signal(SIGKILL)
        _ = wait()
    }

    /// All that the program writes, until it and its descendants have closed the pipe.
    borrowing func text() -> String { output.text() }

    /// Reaps the process; nil if it is not a child or was reaped before.
    @discardableResult
    borrowing func wait() -> WaitStatus? {
        var status: Int32 = -1
        while true {
            if waitpid(handle.pid, &status, 0) == handle.pid { return WaitStatus(raw: status) }
            if errno != EINTR { return nil }
        }
    }

    /// The output of `/bin/sh -c script`.
    static func output(
        of script: String, options: SpawnOptions = SpawnOptions(), change: (inout LaunchPlan) -> Void = { _ in }
    ) throws -> String {
        try Run(["/bin/sh", "-c", script], options: options, change: change).text()
    }
}
