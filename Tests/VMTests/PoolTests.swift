import Glibc
import TestSupport
import Testing

extension VMTests {
    /// VMs that are prestarted.
    @Suite struct PoolTests {
        private static func pool(_ count: Int) -> AgentProcess.Options {
            .init(configuration: #"{"stop_grace":10,"vm_pool":\#(count)}"#)
        }

        /// Runners of prestarted VMs, including those that have been assigned since: their command line stays the same.
        private func prestarted(_ bench: VMBench) -> [SystemProcess] {
            bench.host.agent.descendants.filter { $0.arguments.last == "parked" }
        }

        @Test func `each prestarted VM is assigned once, and the pool is refilled`() async throws {
            try await withVMs(Self.pool(2)) { bench in
                try await bench.isParked(2)
                let ready = Set(prestarted(bench).map(\.pid))
                #expect(try await bench.host.method("get_processes")["process"]?.array?.isEmpty == true)
                let pids = try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<4 { group.addTask { try await bench.start("v\(index)") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(pids).count == 4 && ready.isSubset(of: pids))
                for index in 0..<4 { #expect(try await bench.shell("v\(index)", "hostname") == "v\(index)") }
                try await bench.isParked(2)
                #expect(Set(prestarted(bench).map(\.pid)).isDisjoint(with: ready.subtracting(pids)))
                let result = try await bench.host.method(.killProcess("v0"))
                #expect(result["status"] == "success")
                #expect(try await bench.state("exited", of: "v0")["exit_code"] == 0)
            }
        }

        @Test(arguments: [0, 1])
        func `nothing remains of a warm-up, neither the template's nor a prestarted VM's`(size: Int) async throws {
            try await withVMs(Self.pool(size)) { bench in
                try await bench.isReady()
                if size > 0 { try await bench.isParked(size) }
                try await bench.start("v1")
                #expect(try await bench.inside("v1", .call("get_processes"))["process"]?.array?.isEmpty == true)
                let script =
                    "grep -rl 'rehears[a]l' /var/lib /run /tmp; ps | grep 'sleep 100[0]'; ls -A /var/lib/pmqtt/log"
                let left = try await bench.shell("v1", script)
                #expect(left.split(separator: "\n").allSatisfy { $0.hasPrefix("sh-") }, "\(left)")
                let log = try await bench.log("v1")
                #expect(!log.contains("nobody") && !log.contains("rehearsal"), "\(log)")
                #expect(log.split(separator: "connected to").count == 2, "\(log)")
            }
        }

        @Test func `a worker's death ends prestarted VMs, but no VM that is in use`() async throws {
            try await withVMs(Self.pool(1)) { bench in
                try await bench.isParked(1)
                let pid = try await bench.start("v1")
                try await bench.isParked(1)
                let waiting = prestarted(bench).filter { $0.pid != pid }
                #expect(waiting.count == 1)
                let status = try await bench.host.watcher(of: bench.host.topic("status"))
                _ = try await status.next { $0.text == "online" }
                bench.host.agent.worker?.kill()
                _ = try await status.next { $0.text == "offline" }
                _ = try await status.next { $0.text == "online" }
                try await eventually("the prestarted VMs have ended") { waiting.allSatisfy(\.hasEnded) }
                let entry = try await bench.host.method("get_processes")["process"]?.array?.first
                #expect(entry?["pid"]?.integer == pid && entry?["state"] == "running")
                #expect(try await bench.shell("v1", "hostname") == "v1")
                try await bench.isParked(1)
            }
        }

        @Test func `a prestarted VM that is killed is replaced and never assigned`() async throws {
            try await withVMs(Self.pool(1)) { bench in
                try await bench.isParked(1)
                let first = try #require(prestarted(bench).first)
                first.children.first?.kill()
                try await eventually("the runner ends, too") { first.hasEnded }
                try await bench.start("v1")
                #expect(try await bench.shell("v1", "hostname") == "v1")
                try await bench.isParked(1)
                #expect(!prestarted(bench).contains { $0.pid == first.pid })
            }
        }

        @Test func `prestarted VMs of an old image are discarded`() async throws {
            let folder = try TemporaryFolder()
            try await VMBench.copyImage(to: folder.path)
            var options = Self.pool(1)
            options.configuration = #"{"stop_grace":10,"vm_pool":1,"vm_image":"\#(folder.path)"}"#
            try await withVMs(options) { bench in
                try await bench.isParked(1)
                let old = try #require(prestarted(bench).first)
                try await VMBench.copyImage(to: folder.path)
                let pid = try await bench.start("v1")
                #expect(pid != old.pid)
                #expect(SystemProcess(pid).children.first?.arguments.contains("-kernel") == true)
                try await eventually("the old VM has ended", within: VMBench.patience) { old.hasEnded }
                try await bench.isParked(1)
            }
        }
    }
}
