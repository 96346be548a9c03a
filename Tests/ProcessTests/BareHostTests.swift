import Glibc
import TestSupport
import Testing

/// Hosts that lack something, as containers and small devices do.
@Suite(.serialized) struct BareHostTests {
    private static let isRoot = getuid() == 0

    @Test func `without flock, the state directory is locked all the same`() async throws {
        let wrapper = ["/usr/bin/env", "LD_PRELOAD=\(try Binaries.find("libpm_nolocks.so"))"]
        try await withAgent(.init(wrapper: wrapper)) { bench in
            let pid = try await bench.start(.sleep("a"))
            try await bench.crashWorker()
            #expect(try await bench.pids() == ["a": pid])
            let other = try ChildProcess(bench.agent.command, log: "\(bench.agent.folder.path)/other")
            let status = try await other.ended()
            #expect(status >> 8 == 111)
            #expect(bench.agent.folder.read("other").contains("another agent uses"))
            try await bench.restartAgent()
        }
    }

    private static let unprivileged = ["/usr/bin/setpriv", "--bounding-set=-setuid,-setgid"]

    @Test(.enabled(if: isRoot)) func `root that may not change the user says so, with the cure`() async throws {
        var options = AgentProcess.Options(wrapper: Self.unprivileged)
        options.runsAsOwn = false
        try await withAgent(options) { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            let exec = info["drivers"]?["exec"]
            let reason = exec?["reason"]?.string ?? ""
            #expect(exec?["available"] == false && reason.hasSuffix("set run_as to root"), "\(info)")
            #expect(bench.agent.log.contains(reason))
            let result = try await bench.method(.startProcess(.sleep("a")))
            #expect(result["error"]?["detail"]?.string?.contains("not permitted") == true, "\(result)")
        }
    }

    @Test(.enabled(if: isRoot)) func `root that may not change the user runs processes as root`() async throws {
        try await withAgent(.init(wrapper: Self.unprivileged)) { bench in
            let info = try await bench.watcher(of: bench.topic("info")).next { _ in true }.value
            #expect(info["drivers"]?["exec"] == ["available": true])
            _ = try await bench.start(.sleep("a"))
        }
    }

    @Test(.enabled(if: isRoot)) func `without proc the agent does not start, and says why`() async throws {
        let wrapper = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", "umount -l /proc && exec \"$@\"", "sh"]
        let agent = try AgentProcess(.init(wrapper: wrapper), url: "unix:///nowhere")
        try agent.start()
        #expect(try await agent.ended() >> 8 == 111)
        #expect(agent.log.contains("/proc is not mounted"), "\(agent.log)")
    }
}
