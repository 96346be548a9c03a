import Glibc
import TestSupport
import Testing

extension VMTests {
    /// Images that are missing, built later, or not bootable.
    @Suite struct ImageFaultTests {
        @Test func `a guest that never boots is given up, and the driver reports it`() async throws {
            let folder = try TemporaryFolder()
            try await VMBench.copyImage(to: folder.path)
            let script = """
                mkdir -p root/bin && cp "$(command -v busybox)" root/bin/ &&
                    printf '#!/bin/busybox sh\\nwhile :; do /bin/busybox sleep 1000; done\\n' >root/init &&
                    chmod 755 root/init && cd root && find . | cpio --quiet -o -H newc >../initramfs.cpio
                """
            let maker = try ChildProcess(
                ["/bin/sh", "-c", "cd \(folder.path) && \(script)"], log: "\(folder.path)/log")
            #expect(try await maker.ended() == 0, "\(folder.read("log"))")
            let options = AgentProcess.Options(
                configuration: #"{"stop_grace":10,"vm_image":"\#(folder.path)","vm_boot_timeout":3}"#)
            try await withVMs(options) { bench in
                // The host is still trying whether VMs can run.
                let config = #"{"name":"v1","driver":"qemu","restart":{"policy":"never"}}"#
                let result = try await bench.host.method("start_process", #"{"config":\#(config)}"#)
                #expect(result["status"] == "success")
                let entry = try await bench.state("exited", of: "v1")
                #expect(entry["exit_code"] == 1)
                #expect(try await bench.log("v1").contains("pm-vm: the guest has not booted within 3 s"))
                let watcher = try await bench.host.watcher(of: bench.host.topic("info"))
                let info = try await watcher.next(within: VMBench.patience) {
                    (try? $0.value)?["drivers"]?["qemu"]?["reason"] == "no guest came up within 3 s"
                }
                #expect(try info.value["drivers"]?["qemu"]?["available"] == false)
            }
        }

        @Test func `an image that is built while the agent runs is found`() async throws {
            let folder = try TemporaryFolder()
            let image = "\(folder.path)/image"
            let options = AgentProcess.Options(configuration: #"{"stop_grace":10,"vm_image":"\#(image)"}"#)
            try await withVMs(options) { bench in
                let config = #"{"config":{"name":"v1","driver":"qemu"}}"#
                let refused = try await bench.host.method("start_process", config)
                #expect(refused["error"]?["code"] == "driver_unavailable", "\(refused)")
                try await VMBench.copyImage(to: image)
                try await bench.start("v1")
                #expect(try await bench.shell("v1", "hostname") == "v1")
            }
        }
    }
}
