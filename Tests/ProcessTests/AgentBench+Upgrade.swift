import Glibc
import TestSupport
import Testing

extension AgentBench {
    /// How a test asks for an upgrade.
    enum UpgradeRequest: Sendable, CaseIterable { case option, signal }

    /// The file by which the agent tells how upgrades went.
    private var running: JSONValue? { try? JSONValue(agent.folder.read("state/running")) }
    /// The number of keepers that were executed by their predecessors.
    var handOvers: Int { running?["hand_overs"]?.integer ?? -1 }

    /// Runs `pm-agent --upgrade` until it ends.
    func runUpgrade(of directory: String? = nil) async throws -> (code: Int32, output: String) {
        let folder = try TemporaryFolder()
        let program = try agent.options.programs?.agent ?? Binaries.agent
        let process = try ChildProcess(
            [
                "/usr/bin/env", "-u", "PM_STATE_DIR", program, "--upgrade", "--state-dir",
                directory ?? agent.stateDirectory,
            ],
            log: "\(folder.path)/log")
        let status = try await process.ended()
        return (status & 0x7F == 0 ? status >> 8 & 0xFF : -1, folder.read("log"))
    }

    /// Upgrades the agent, and waits until the next worker is online.
    func upgrade(by request: UpgradeRequest = .option, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let (worker, keeper, before) = (agent.worker, agent.pid, handOvers)
        try await outage {
            switch request {
            case .option:
                let (code, output) = try await runUpgrade()
                #expect(code == 0, "\(output)", sourceLocation: sourceLocation)
                #expect(output.hasPrefix("the agent (pid \(keeper)) runs version "), sourceLocation: sourceLocation)
            case .signal:
                agent.signal(SIGUSR2)
                try await eventually("an upgrade") { handOvers > before }
            }
        }
        #expect(handOvers == before + 1, sourceLocation: sourceLocation)
        #expect(agent.worker != worker && agent.pid == keeper, sourceLocation: sourceLocation)
        #expect(SystemProcess(keeper).arguments.first?.hasSuffix("/pm-keeper") == true, sourceLocation: sourceLocation)
    }

    /// Checks that an upgrade is refused for a reason, and that the agent goes on with the same worker.
    func expectNoUpgrade(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let worker = agent.worker
        let (code, output) = try await runUpgrade()
        #expect(code == 111 && output.contains(reason), "\(output)", sourceLocation: sourceLocation)
        #expect(agent.log.contains(reason), sourceLocation: sourceLocation)
        #expect(agent.worker == worker, sourceLocation: sourceLocation)
        _ = try await ask(.listActiveProcesses)
    }
}
