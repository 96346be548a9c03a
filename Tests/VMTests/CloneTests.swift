import Glibc
import TestSupport
import Testing

extension VMTests {
    /// VMs that are cloned from a template.
    @Suite struct CloneTests {
        @Test func `clones share neither identity nor random numbers, and their clocks are right`() async throws {
            try await withVMs { bench in
                let report = try await bench.isReady()
                #expect(report["note"]?.string?.isEmpty == false)
                let script = """
                    cat /proc/sys/kernel/random/boot_id; cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | md5sum
                    hostname; date +%s; cat /run/pmqtt/agent.json
                    """
                var seen: [[String]] = []
                for id in ["v1", "v2"] {
                    let pid = try await bench.start(id)
                    let qemu = try #require(SystemProcess(pid).children.first)
                    #expect(qemu.arguments.contains("-incoming") && !qemu.arguments.contains("-kernel"))
                    let now = time(nil)
                    let lines = try await bench.shell(id, script).split(separator: "\n").map(String.init)
                    #expect(lines.count == 6 && lines[3] == id && lines[5].contains("g-\(id)"), "\(lines)")
                    #expect(abs((Int(lines[4]) ?? 0) - now) < 10)
                    seen.append(lines)
                }
                for index in 0..<4 { #expect(seen[0][index] != seen[1][index], "\(seen)") }
            }
        }

        @Test func `ten clones come up at once, each with its own identity`() async throws {
            try await withVMs { bench in
                try await bench.isReady()
                let begin = ContinuousClock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<10 { group.addTask { _ = try await bench.start("v\(index)") } }
                    try await group.waitForAll()
                }
                print("ten VMs at once: \(ContinuousClock.now - begin)")
                for index in 0..<10 { #expect(try await bench.shell("v\(index)", "hostname") == "v\(index)") }
            }
        }

        @Test func `a clone that fails is cloned again, and a VM with another memory size is booted`() async throws {
            try await withVMs { bench in
                try await bench.isReady()
                let pid = try await bench.start("v1", ["restart": ["policy": "always", "delay": 0]])
                let status = try await bench.host.watcher(of: "pm/v1/status")
                _ = try await status.next { $0.text == "online" }
                SystemProcess(pid).children.first?.kill()
                _ = try await status.next(within: VMBench.patience) { $0.text == "offline" }
                _ = try await status.next(within: VMBench.patience) { $0.text == "online" }
                let other = try await bench.start("v2", ["memory_mb": 160])
                #expect(SystemProcess(other).children.first?.arguments.contains("-kernel") == true)
            }
        }

        @Test func `a VM is booted if the template can't be used`() async throws {
            try await withVMs { bench in
                try await bench.isReady()
                for attempt in 1...10 {
                    let id = "v\(attempt)"
                    let killer = CloneKiller(of: SystemProcess(bench.host.agent.pid))
                    let result = try await bench.host.method(.startProcess(.vm(id)))
                    let pid = try #require(result["pid"]?.integer, "\(result)")
                    var isBooting = false
                    try await eventually("an end, or a boot", within: VMBench.patience) {
                        isBooting = try await bench.log(id).contains("the template can't be used: booting instead")
                        return isBooting || (killer.isDone && !SystemProcess(pid).exists)
                    }
                    guard isBooting else { continue }
                    try await bench.isOnline(id)
                    #expect(SystemProcess(pid).children.first?.arguments.contains("-kernel") == true)
                    return
                }
                Issue.record("each of ten clones was up before it could be killed")
            }
        }
    }
}
