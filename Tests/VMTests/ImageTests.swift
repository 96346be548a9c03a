import Glibc
import TestSupport
import Testing

/// The image that VMs boot.
@Suite(.enabled(if: VMBench.obstacle == nil)) struct ImageTests {
    private static let root = String(#filePath.dropLast("/Tests/VMTests/ImageTests.swift".count))

    @Test func `the same input gives an identical image`() async throws {
        let binaries = String(try Binaries.agent.dropLast("/pm-agent".count))
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            // Reuse the kernel's package instead of downloading it again.
            let image = "\(folder.path)/\(name)"
            let script = """
                mkdir -p \(image) && cp -R "$(realpath \(binaries))/../../vm-image/packages" \(image)/ &&
                    \(Self.root)/scripts/vm-image.sh \(binaries) \(image)
                """
            let process = try ChildProcess(["/bin/sh", "-c", script], log: "\(folder.path)/log")
            #expect(try await process.ended() == 0, "\(folder.read("log"))")
        }
        for file in ["vmlinux", "initramfs.cpio"] {
            let process = try ChildProcess(
                ["/usr/bin/cmp", "\(folder.path)/a/\(file)", "\(folder.path)/b/\(file)"], log: "\(folder.path)/log")
            #expect(try await process.ended() == 0, "\(folder.read("log"))")
        }
    }

    @Test func `without an image the driver reports that, and everything else works`() async throws {
        let options = AgentProcess.Options(wrapper: ["/usr/bin/env", "PM_VM_IMAGE=/nowhere"])
        try await withVMs(options) { bench in
            let watcher = try await bench.host.watcher(of: bench.host.topic("info"))
            let info = try await watcher.next(on: bench.host.topic("info")).value
            #expect(info["drivers"]?["qemu"]?["available"] == false)
            #expect(info["drivers"]?["qemu"]?["reason"]?.string?.contains("/nowhere") == true)
            let result = try await bench.host.method(.startProcess(.vm("v1")))
            #expect(result["error"]?["code"] == "driver_unavailable")
            let other = try await bench.host.method(.startProcess(.command("sleep 9", name: "p")))
            #expect(other["status"] == "success")
        }
    }
}
