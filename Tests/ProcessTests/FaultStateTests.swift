import Glibc
import TestSupport
import Testing

/// The state directory is full, can't be written or is damaged: the agent reports it and loses no process.
@Suite(.serialized) struct FaultStateTests {
    /// Runs `body` with an agent that has its state directory on a file system of its own.
    private func withStateDisk(_ body: (AgentBench, StateDisk) async throws -> Void) async throws {
        guard getuid() == 0 else { return print("skipped: it takes root to mount a file system") }
        try await withAgent { bench in
            #expect(try await bench.agent.stop() == 0)
            let disk: StateDisk
            do { disk = try StateDisk(at: bench.agent.stateDirectory) } catch { return print("skipped: \(error)") }
            defer { disk.unmount() }
            try await bench.startAgentAgain()
            do { try await body(bench, disk) } catch {
                bench.agent.kill()
                throw error
            }
            #expect(try await bench.agent.stop() == 0)
            #expect(bench.agent.descendants.isEmpty)
        }
    }

    @Test(arguments: StateDisk.Fault.allCases) func `no process is lost when the disk can't be written`(
        fault: StateDisk.Fault
    ) async throws {
        try await withStateDisk { bench, disk in
            let first = try await bench.start(.sleep("first").persist())
            try disk.begin(fault)
            // More than fits into the rest of the journal's page.
            let long = String(repeating: "a", count: 8_192)
            let second = try await bench.start(.sleep("second").persist().env(["LONG": .string(long)]))
            try await bench.health("bad", "process second is not saved")
            // What the file lacks, the next worker gets from the keeper.
            try await bench.crashWorker()
            #expect(try await bench.pids() == ["first": first, "second": second])
            try await bench.health("bad", "state is not saved", "process second is not saved")
            let third = try await bench.start(.sleep("third"))
            try await bench.crashWorker()
            #expect(try await bench.pids() == ["first": first, "second": second, "third": third])
            try disk.end(fault)
            try await bench.health("good")
            #expect(bench.agent.folder.read("state/processes/second.json").contains("1000"))
            // Now the file has it all.
            bench.agent.kill()
            try await bench.startAgentAgain()
            #expect(try await bench.pids() == ["first": first, "second": second, "third": third])
        }
    }

    @Test func `processes survive two deaths of the agent while the disk is full`() async throws {
        try await withStateDisk { bench, disk in
            let first = try await bench.start(.sleep("first"))
            try disk.begin(.isFull)
            let long = String(repeating: "a", count: 8_192)
            let second = try await bench.start(.sleep("second").env(["LONG": .string(long)]))
            for _ in 1...2 {
                bench.agent.kill()
                try await bench.startAgentAgain()
                #expect(try await bench.pids()["first"] == first)
                #expect(SystemProcess(second).exists)
                try await bench.health("bad", "processes may be unknown")
            }
            // No launch number is used twice: stopping a new process does not end the unknown one.
            _ = try await bench.start(.sleep("third"))
            try await bench.kill("third")
            #expect(SystemProcess(second).exists)
            try disk.end(.isFull)
            kill(pid_t(second), SIGKILL)
        }
    }

    @Test(arguments: AgentPlace.places(of: "fault"))
    func `a process that may still run unknown is not started a second time`(place: AgentPlace) async throws {
        try await place.withAgent { bench in
            let pid = try await bench.start(.sleep("a").persist())
            // A thread writes the file; the answer does not wait for it.
            try await eventually("its file") { !bench.agent.folder.read("state/processes/a.json").isEmpty }
            bench.agent.kill()
            try bench.agent.folder.write("\u{1}\u{2}\n", to: "state/journal")
            try await bench.startAgentAgain()
            let entry = try await bench.state("failed", of: "a")
            #expect(entry["error"]?.string?.hasPrefix("not started: it may still be running") == true)
            #expect(SystemProcess(pid).exists)
            kill(pid_t(pid), SIGKILL)
            #expect(try await bench.reset("a") != nil)
        }
    }

    /// Damage to a journal while no agent runs.
    enum Damage: String, CaseIterable {
        case truncatedLine, garbage, wrongTypes, isDirectory

        func damage(_ bench: AgentBench) throws {
            let folder = bench.agent.folder
            let journal = folder.read("state/journal")
            switch self {
            case .truncatedLine: try folder.write(journal + #"{"id":"b","conf"#, to: "state/journal")
            case .garbage: try folder.write(journal + "\u{0}\u{1}\u{7F}]]]]\n\n}{\n", to: "state/journal")
            case .wrongTypes:
                try folder.write(
                    journal + #"{"id":7,"launch":[]}"# + "\n" + #"{"id":"b","config":3,"launch":"x","pid":{}}"# + "\n",
                    to: "state/journal")
            case .isDirectory:
                unlink("\(bench.agent.stateDirectory)/journal")
                mkdir("\(bench.agent.stateDirectory)/journal", 0o700)
            }
        }
    }

    @Test(arguments: [Damage.truncatedLine, .garbage, .wrongTypes])
    func `the intact lines of a damaged journal are used`(damage: Damage) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            bench.agent.kill()
            try damage.damage(bench)
            try await bench.startAgentAgain()
            try await bench.health("bad", "journal.damaged")
            #expect(try await bench.pids() == ["a": pid])
        }
    }

    @Test func `health reports a journal that is a directory, and living processes are left alone`() async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            bench.agent.kill()
            try Damage.isDirectory.damage(bench)
            try await bench.startAgentAgain()
            try await bench.health("bad", "journal.damaged")
            #expect(SystemProcess(pid).exists)
            SystemProcess(pid).kill()
            try await eventually("its end") { bench.agent.descendants.isEmpty }
            // An operator removes it after looking at it.
            rmdir("\(bench.agent.stateDirectory)/journal.damaged")
            bench.agent.signal(SIGHUP)
            try await bench.health("good")
        }
    }

    @Test func `a damaged journal of an earlier boot is kept, and no health reason`() async throws {
        try await withAgent { bench in
            _ = try await bench.start(.sleep("a"))
            bench.agent.kill()
            try Damage.garbage.damage(bench)
            try await bench.startAgentAgain()
            try await bench.health("bad", "journal.damaged")
            // Also for a later agent of the same boot, which finds an intact journal.
            try await bench.restartAgent()
            try await bench.health("bad", "journal.damaged")
            try bench.agent.folder.write("another boot", to: "state/journal.damaged.boot")
            try await bench.restartAgent()
            try await bench.health("good")
            #expect(bench.agent.folder.read("state/journal.damaged").contains("]]]]"))
        }
    }

    @Test(arguments: Damage.allCases) func `a damaged journal does not matter while the keeper lives`(
        damage: Damage
    ) async throws {
        try await withAgent { bench in
            let pid = try await bench.start(.sleep("a"))
            // The stopped keeper does not start the next worker before the damage is done.
            bench.agent.signal(SIGSTOP)
            try await bench.crashWorker {
                try damage.damage(bench)
                bench.agent.signal(SIGCONT)
            }
            #expect(try await bench.pids() == ["a": pid])
            if damage == .isDirectory {
                try await bench.health("bad", "state is not saved")
                rmdir("\(bench.agent.stateDirectory)/journal")
            }
            try await bench.health("good")
        }
    }

    @Test(arguments: ["", "{", #"{"config":7}"#, #"{"config":{"command":""}}"#, "\u{0}\u{1}"])
    func `a persistent process with a damaged file is named, and the others start`(text: String) async throws {
        try await withAgent { bench in
            for id in ["a", "b"] {
                _ = try await bench.start(.sleep(id).persist())
            }
            try await eventually("the files") {
                bench.agent.folder.read("state/processes/b.json").contains("sleep")
            }
            #expect(try await bench.agent.stop() == 0)
            try bench.agent.folder.write(text, to: "state/processes/a.json")
            try await bench.startAgentAgain()
            try await bench.state("running", of: "b")
            try await bench.health("bad", "processes/a.json is not used")
            #expect(Set(try await bench.entries().keys) == ["b"])
            // Storing the process again repairs the file.
            _ = try await bench.start(.sleep("a").persist())
            try await bench.health("good")
        }
    }
}
