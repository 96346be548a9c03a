import Glibc
import JSONCodec
import LinuxSystem
import Model
import Supervision
import Testing

@testable import AgentRuntime

/// What a process keeps of its launches; with real children, and without a supervisor.
struct ManagedProcessTests {
    /// A launch of a shell that is a child of the tests.
    private struct Child {
        let run: Run
        let pid: Int32

        /// - Parameter hasRemnants: whether it has two children of its own, which outlive it.
        init(_ launch: UInt64, hasRemnants: Bool = false) throws {
            let script = hasRemnants ? "sleep 1000 & sleep 1000 & wait" : "exec sleep 1000"
            var options = SpawnOptions()
            options.launch = launch
            let plan = LaunchPlan(
                executable: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
                directory: "/")
            let null = try Descriptor.open("/dev/null", O_RDWR)
            let handle = try ProcessHandle.spawn(
                plan, standard: (null.number, null.number, null.number), options: options, child: SpawnProgress())
            let tree = ProcessTree(launch: launch, cgroup: nil)
            tree.begin(with: handle)
            pid = handle.pid
            run = Run(handle, in: tree, readyPipe: nil)
        }

        /// Waits until the main process has ended, as the keeper does.
        func reap() -> Model.ExitStatus? {
            var status: Int32 = 0
            return waitpid(pid, &status, 0) == pid ? Model.ExitStatus(WaitStatus(raw: status)) : nil
        }
    }

    private let launch = UInt64.random(in: 1 << 40..<1 << 41)

    @Test func `a launch is recorded from its begin to its release`() throws {
        let process = ManagedProcess(test: "web")
        process.begin(launch: launch)
        #expect(process.launch == LaunchRecord(number: launch) && !process.isUp)
        process.startFailed(Failure(.execFailed, "no such file"))
        let child = try Child(launch)
        process.launched(child.run, command: "sleep 1000")
        #expect(process.isUp && process.runs == 1 && process.restarts == 0 && process.failure == nil)
        #expect(process.launch.pid == child.pid && process.launch.startTime != nil && process.lastEnd == nil)
        child.run.signal(SIGKILL)
        let status = child.reap()
        #expect(process.mainExited(status) && !process.isUp && process.run != nil)
        #expect(process.launch.exit == .signaled(SIGKILL) && !process.launch.isOwnEnd)
        process.released()
        #expect(process.run == nil && process.lastEnd?.exit == status)
    }

    @Test func `the end of a launch is written to the journal once`() throws {
        let process = ManagedProcess(test: "web")
        process.begin(launch: launch)
        let child = try Child(launch)
        process.launched(child.run, command: "sleep 1000")
        #expect(process.takeUnnotedEnd().isEmpty)
        _ = child.run.kill()
        _ = process.mainExited(child.reap())
        #expect(process.takeUnnotedEnd().contains { $0.key == "signal" } && process.takeUnnotedEnd().isEmpty)
    }

    @Test func `remnants are counted once and waited for until they are gone`() async throws {
        let process = ManagedProcess(test: "web")
        process.begin(launch: launch)
        let child = try Child(launch, hasRemnants: true)
        process.launched(child.run, command: "sh")
        while child.run.tree.members().count < 3 { try await Task.sleep(for: .milliseconds(5)) }
        child.run.tree.remember()
        child.run.signal(SIGKILL)
        _ = process.mainExited(child.reap())
        child.run.awaitRemnants()
        #expect(child.run.lookAtRemnants() == .alive)
        #expect(process.noteLeftBehind()?.count == 2 && process.noteLeftBehind() == nil)
        #expect(process.launch.leftBehind?.count == 2 && !process.takeUnnotedEnd().isEmpty)
        #expect(child.run.kill() == nil)
        while child.run.lookAtRemnants() != .gone { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `only restarts count, and not the starts of a schedule`() throws {
        let schedule = try CronSchedule("0 * * * *")
        let (service, job) = (ManagedProcess(test: "web"), ManagedProcess(test: "job") { $0.schedule = schedule })
        for number in launch..<launch + 3 {
            service.begin(launch: number)
            job.begin(launch: number)
        }
        #expect(service.restarts == 2 && job.restarts == 0)
    }

    @Test func `a run that fails is restarted until the limit, and a requested restart begins anew`() {
        let process = ManagedProcess(test: "web") {
            $0.restart.policy = .onFailure
            $0.restart.startLimit = 1
        }
        func fail() -> (actions: [ProcessLifecycle.Action], isNoted: Bool) {
            _ = process.advance(by: .spawned, nil)
            let (actions, news) = process.advance(
                by: .mainExited(treeIsEmpty: true), .exited(.exited(code: 1)), jitter: 0)
            return (actions, !news.isEmpty)
        }
        #expect(process.advance(by: .start, nil).actions == [.spawn])
        let first = fail()
        #expect(first.actions.last == .awaitBackoff(process.spec.restart.delay) && first.isNoted)
        #expect(process.advance(by: .deadlinePassed, nil).actions == [.spawn])
        #expect(!fail().isNoted && process.lifecycle.phase == .failed && process.failure?.code == .execFailed)
        #expect(process.advance(by: .restart, nil).actions == [.spawn])
        #expect(fail().isNoted && process.lifecycle.phase == .backoff)
    }

    @Test func `a failed run of a schedule is noted, and the next start awaited`() throws {
        let schedule = try CronSchedule("0 * * * *")
        let process = ManagedProcess(test: "job") { $0.schedule = schedule }
        for (code, isNews) in [(Int32(1), true), (1, false), (0, true)] {
            _ = process.advance(by: .restart, nil)
            _ = process.advance(by: .spawned, nil)
            let (actions, news) = process.advance(by: .mainExited(treeIsEmpty: true), .exited(.exited(code: code)))
            #expect(actions.last == .awaitSchedule && !news.isEmpty == isNews)
        }
        #expect(process.trouble == nil)
    }
}
