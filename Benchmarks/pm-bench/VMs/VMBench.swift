import Glibc
import LinuxSystem
import TestSupport

/// The time from an `allocate_vm` request to its answer, through a real broker, pm-cluster and agent, compared with the
/// boot of a bare QEMU.
enum VMBench {
    private static let many = 10

    static func run(rounds: Int) throws {
        Report.title("allocate_vm, compared with a bare QEMU from its start to its guest's first connection")
        guard let image = try image() else { return }
        let bare = try BareBoot(image: image)
        let setting = try VMBenchSetting(hosts: [
            ("cloned", "{}"), ("pooled", #"{"vm_pool":1}"#), ("booted", #"{"vm_clones":false}"#),
        ])
        defer { setting.end() }
        let kind = try setting.note(of: "cloned")
        var boots: [Double] = []
        var seconds: [String: [Double]] = [:]
        var memory: [String: [Double]] = [:]
        // In turn, so that changes of the host's speed affect all of them alike.
        for round in 0...rounds {
            let boot = try bare.measure()
            let isCounted = round > 0
            if isCounted { boots.append(boot) }
            for host in ["cloned", "pooled", "booted"] {
                if host == "pooled" { try setting.await(prestarted: 1, on: host) }
                let vms = try setting.allocate(on: host)
                if isCounted { seconds[host, default: []].append(vms[0].seconds / boot) }
                if isCounted { memory[host, default: []].append(try setting.memory(of: vms[0], on: host)) }
                try setting.remove(vms)
            }
            let vms = try setting.allocate(many, on: "cloned")
            if isCounted { seconds["many", default: []].append((vms.map(\.seconds).max() ?? .nan) / boot) }
            for vm in vms where isCounted {
                memory["many", default: []].append(try setting.memory(of: vm, on: "cloned"))
            }
            try setting.remove(vms)
        }
        report(boots.median, seconds.mapValues(\.median), memory.mapValues(\.median), kind)
    }

    private static func report(
        _ boot: Double, _ ratios: [String: Double], _ memory: [String: Double], _ kind: String
    ) {
        Report.note("    a bare boot: \(milliseconds(boot)); accelerator of the VMs: \(kind)")
        // The bare QEMU always emulates, so a comparison with KVM says little.
        func figure(_ name: String, _ key: String, _ most: Double) {
            let ratio = ratios[key] ?? .nan
            Report.figure(
                name, ratio, kind.hasPrefix("tcg") ? .atMost(most) : .none, "about \(milliseconds(ratio * boot))")
        }
        figure("a clone, ratio to a bare boot", "cloned", 0.35)
        figure("a VM from the pool", "pooled", 0.2)
        figure("a booted VM", "booted", 1.6)
        figure("the last of \(many) clones at once", "many", 0.8)
        Report.figure("PSS of a clone with its runner: MB", (memory["cloned"] ?? .nan) / 1e6, .atMost(50), "alone")
        Report.figure(
            "PSS of a clone with its runner: MB", (memory["many"] ?? .nan) / 1e6, .atMost(50), "one of \(many)")
        Report.figure("PSS of a booted VM with its runner: MB", (memory["booted"] ?? .nan) / 1e6, .none)
    }

    private static func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1e3).rounded())) ms" }

    /// The folder of the VM image. Nil, after a note, if this host cannot run VMs.
    private static func image() throws -> String? {
        let agent = try Binaries.agent
        let folders = ["..", "../.."].map { "\(agent.dropLast("pm-agent".count))\($0)/vm-image" }
        let image = folders.first { access("\($0)/vmlinux", R_OK) == 0 } ?? folders[0]
        for file in ["/usr/bin/qemu-system-x86_64", "\(image)/vmlinux", "/usr/bin/cpio"] where access(file, R_OK) != 0 {
            Report.note("    left out: \(file) is missing (make vm-image)")
            return nil
        }
        return image
    }
}
