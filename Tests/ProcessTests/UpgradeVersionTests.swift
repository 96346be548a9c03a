import Glibc
import TestSupport
import Testing

/// Upgrades to programs of other versions and to broken ones, and programs that are replaced without an upgrade.
@Suite(.serialized) struct UpgradeVersionTests {
    /// What is installed in place of a program.
    enum Broken: Sendable, CaseIterable {
        case text, part, nothing, missingLibrary, laterVersion

        func install(_ name: String, in programs: ProgramFolder) throws {
            switch self {
            case .text: try programs.replace(name, with: Array("this is no program\n".utf8))
            case .part: try programs.installPart(of: name, bytes: 100_000)
            case .nothing: programs.remove(name)
            case .missingLibrary:
                let loader = "#!/lib64/ld-linux-x86-64.so.2 --preload /no/such.so\n"
                try programs.replace(name, with: Array(loader.utf8))
            case .laterVersion: try programs.install(name, .present(plus: 2))
            }
        }
    }

    @Test(arguments: Broken.allCases) func `with a broken keeper nothing changes`(broken: Broken) async throws {
        let programs = try ProgramFolder()
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            try broken.install("pm-keeper", in: programs)
            try await bench.expectNoUpgrade("pm-keeper on the disk ")
            // A worker that dies gets a successor beside the old keeper.
            try await bench.crashWorker()
            try await bench.expectNoUpgrade("pm-keeper on the disk ")
            #expect(try await bench.pids() == ["a": pid])
            try programs.install("pm-keeper")
            try await bench.upgrade()
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test(arguments: [Broken.text, .part]) func `with a broken agent nothing changes`(broken: Broken) async throws {
        let programs = try ProgramFolder()
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            try broken.install("pm-agent", in: programs)
            let worker = bench.agent.worker
            bench.agent.signal(SIGUSR2)
            try await eventually("a refusal") {
                bench.agent.log.contains("pm-agent: no upgrade: pm-agent on the disk ")
            }
            #expect(bench.agent.worker == worker)
            try programs.install("pm-agent")
            try await bench.upgrade()
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test func `a configuration that the new program refuses is no reason to end`() async throws {
        try await withAgent { bench in
            try bench.agent.folder.write(#"{"hots":1}"#, to: "agent.json")
            try await bench.expectNoUpgrade("unknown setting \"hots\"")
            try bench.agent.folder.write("{}", to: "agent.json")
            try await bench.upgrade()
        }
    }

    @Test func `programs of the next version take over, and give back`() async throws {
        let programs = try ProgramFolder()
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            func install(keeper: Int, agent: Int) throws {
                try programs.install("pm-keeper", .present(plus: keeper))
                try programs.install("pm-agent", .present(plus: agent))
            }
            // Each pair of versions that are next to each other: both upgraded, one of them, and back again.
            for (keeper, agent) in [(1, 1), (0, 1), (1, 0), (0, 0), (0, 1), (1, 1), (2, 1), (2, 2), (1, 1), (0, 0)] {
                try install(keeper: keeper, agent: agent)
                try await bench.upgrade()
                #expect(try await bench.pids() == ["a": pid], "\(keeper), \(agent)")
            }
            try install(keeper: 2, agent: 2)
            try await bench.expectNoUpgrade("pm-keeper on the disk is more than one version away")
        }
    }

    @Test(arguments: [(0, 1), (1, 0)])
    func `a worker that dies is replaced by one of the next version, or the one before`(
        keeper: Int, agent: Int
    ) async throws {
        let programs = try ProgramFolder()
        try programs.install("pm-keeper", .present(plus: keeper))
        try programs.install("pm-agent", .present(plus: keeper))
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            try programs.install("pm-agent", .present(plus: agent))
            try await bench.crashWorker()
            #expect(try await bench.pids() == ["a": pid])
            try programs.install("pm-keeper", .present(plus: agent))
            try await bench.upgrade()
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test func `a worker that can't talk to its keeper gets the keeper of the disk`() async throws {
        let programs = try ProgramFolder()
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            // The messages are two versions away, the table is one.
            var later = ProgramFolder.Versions.present(plus: 2)
            later.table -= 1
            try programs.install("pm-keeper", later)
            try programs.install("pm-agent", later)
            try await bench.crashWorker()
            #expect(bench.agent.log.contains("messages are of version 2, this pm-agent's of version 4"))
            #expect(try await bench.pids() == ["a": pid])
            try await bench.upgrade()
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test func `if no program talks to the worker, the agent ends, and its processes live on`() async throws {
        let programs = try ProgramFolder()
        try await withAgent(.init(programs: programs)) { bench in
            let pid = try await bench.start(.sleep("a"))
            try programs.install("pm-agent", .present(plus: 2))
            bench.agent.worker?.kill()
            let status = try await bench.agent.ended()
            #expect(status & 0x7F == 0 && status >> 8 == 112)
            #expect(SystemProcess(pid).exists)
            try programs.install("pm-agent")
            try await bench.startAgentAgain()
            #expect(try await bench.pids() == ["a": pid])
        }
    }
}
