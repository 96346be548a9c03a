import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// Processes that an earlier run of the program launched.
    @Suite struct AdoptTests {
        @Test func `a process is adopted only if its start time matches`() async throws {
            let run = try Run(["/bin/sleep", "1000"])
            let pid = run.handle.pid
            let spawned = run.handle.startTime
            let startTime = try #require(spawned)
            #expect(startTime == Self.startTime(of: pid))
            #expect(Adopted(pid: pid, startTime: startTime)?.startTime == startTime)
            let strangers = [
                (pid, startTime + 1), (pid, 0), (getpid(), startTime), (0, startTime), (-1, startTime),
            ]
            for (pid, time) in strangers { #expect(Adopted(pid: pid, startTime: time) == nil) }
            run.handle.signal(SIGKILL)
            try await eventually("the end") { SystemProcess(Int(pid)).state == "Z" }
            #expect(Adopted(pid: pid, startTime: startTime) == nil)
            let status = run.wait()
            #expect(status?.signal == SIGKILL)
            #expect(Adopted(pid: pid, startTime: startTime) == nil)
        }

        @Test func `the end of another process's child is seen, with its exit status`() async throws {
            // The shell is the parent, and reaps the child.
            let parent = try Run([
                "/bin/sh", "-c", "(trap 'exit 42' TERM; while :; do sleep 0.01; done) & wait; sleep 1000",
            ])
            let shell = SystemProcess(Int(parent.handle.pid))
            try await eventually("the child") { shell.children.count == 1 }
            let child = try #require(shell.children.first)
            let startTime = try #require(Self.startTime(of: Int32(child.pid)))
            let adopted = try #require(Adopted(pid: Int32(child.pid), startTime: startTime))
            #expect(adopted.exitStatus == nil && !adopted.hasEnded)
            // Before the trap is set, the signal would kill the child.
            try await eventually("the trap") {
                let caught = child.status("SigCgt").flatMap { UInt64($0, radix: 16) } ?? 0
                return caught & 1 << (SIGTERM - 1) != 0
            }
            adopted.signal(SIGTERM)
            try await eventually("the end") { adopted.hasEnded && !child.exists }
            #expect(adopted.exitStatus?.code == (Self.tellsExitStatus() ? 42 : nil))
        }

        @Test func `a boot has an id`() { #expect(Boot.id.utf8.count == 36) }

        /// Whether this kernel reports exit statuses by pidfd (Linux 6.15). If it does for an own child, it does for
        /// any process.
        private static func tellsExitStatus() -> Bool {
            guard let run = try? Run(["/bin/true"]) else { return false }
            run.wait()
            let status = run.handle.exitStatus
            if status == nil { print("this kernel does not report the exit status of other processes' children") }
            return status?.code == 0
        }

        /// Field 22 of `stat`; no program here has a blank in its name.
        private static func startTime(of pid: Int32) -> UInt64? {
            let text = (try? FileSystem.read("/proc/\(pid)/stat", limit: 4096)) ?? []
            let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
            return fields.count > 21 ? UInt64(fields[21]) : nil
        }
    }
}
