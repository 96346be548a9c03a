import Glibc
import LinuxSystem
import TestSupport
import Testing

extension SpawningTests {
    /// Processes that an earlier run of the program started.
    @Suite struct AdoptTests {
        @Test func `a process is known again by its start time, and only by it`() async throws {
            let run = try Run(["/bin/sleep", "1000"])
            let pid = run.handle.pid
            let spawned = run.handle.startTime
            let startTime = try #require(spawned)
            #expect(startTime == Self.startTime(of: pid))
            #expect(Adopted(pid: pid, startTime: startTime)?.startTime == startTime)
            let strangers = [(pid, startTime + 1), (pid, 0), (getpid(), startTime), (0, startTime), (-1, startTime)]
            for (pid, time) in strangers { #expect(Adopted(pid: pid, startTime: time) == nil) }
            run.handle.signal(SIGKILL)
            try await eventually("the end") { SystemProcess(Int(pid)).state == "Z" }
            #expect(Adopted(pid: pid, startTime: startTime) == nil)
            let status = run.wait()
            #expect(status?.signal == SIGKILL)
            #expect(Adopted(pid: pid, startTime: startTime) == nil)
        }

        @Test func `the end of somebody else's child is seen, and how it ended`() async throws {
            // The shell is the parent, and reaps.
            let parent = try Run([
                "/bin/sh", "-c", "(trap 'exit 42' TERM; while :; do sleep 0.01; done) & wait; sleep 1000",
            ])
            let shell = SystemProcess(Int(parent.handle.pid))
            try await eventually("the child") { shell.children.count == 1 }
            let child = try #require(shell.children.first)
            let startTime = try #require(Self.startTime(of: Int32(child.pid)))
            let adopted = try #require(Adopted(pid: Int32(child.pid), startTime: startTime))
            #expect(adopted.exitStatus == nil && !adopted.hasEnded)
            // Until it traps, the signal would end it in another way.
            try await eventually("the trap") {
                let caught = child.status("SigCgt").flatMap { UInt64($0, radix: 16) } ?? 0
                return caught & 1 << (SIGTERM - 1) != 0
            }
            adopted.signal(SIGTERM)
            try await eventually("the end") { adopted.hasEnded && !child.exists }
            #expect(adopted.exitStatus?.code == (Self.tellsExitStatus() ? 42 : nil))
        }

        @Test func `a machine's run has a name`() { #expect(Boot.id.utf8.count == 36) }

        /// Whether this kernel does, which is Linux 6.15; told of an own child, it could be told of any.
        private static func tellsExitStatus() -> Bool {
            guard let run = try? Run(["/bin/true"]) else { return false }
            run.wait()
            let status = run.handle.exitStatus
            if status == nil { print("this kernel does not tell the exit status of others' children") }
            return status?.code == 0
        }

        /// Field 22 of `stat`; none of these programs has a blank in its name.
        private static func startTime(of pid: Int32) -> UInt64? {
            let text = (try? FileSystem.read("/proc/\(pid)/stat", limit: 4096)) ?? []
            let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
            return fields.count > 21 ? UInt64(fields[21]) : nil
        }
    }
}
