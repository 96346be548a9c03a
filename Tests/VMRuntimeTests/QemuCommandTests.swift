import Model
import Testing

@testable import VMRuntime

/// QEMU's command line.
struct QemuCommandTests {
    private func arguments(
        _ work: VMJob.Work, _ accelerator: Accelerator = .tcg, cpus: Int = 1, memory: Int = 128
    ) throws -> [String] {
        var job = VMJob(
            id: try #require(Name("v1")), vm: VMSpec(memory: memory, cpus: cpus), qemu: "/bin/qemu",
            image: "/image", accelerator: accelerator, broker: .tcp(host: "broker.example", port: 1884),
            stopGrace: 5)
        job.guest.settings = ["user": "fleet", "password": "s3cr3t"]
        return QemuCommand(job: job, counterFrequency: 2_500_000, work: work).arguments
    }

    @Test(arguments: [VMJob.Work.boot, .clone, .prepare], [Accelerator.kvm, .tcg])
    func `it contains no secrets, and the sandbox is enabled`(work: VMJob.Work, accelerator: Accelerator) throws {
        let arguments = try arguments(work, accelerator)
        let line = arguments.joined(separator: " ")
        for secret in ["s3cr3t", "fleet", "broker.example", "1884"] { #expect(!line.contains(secret)) }
        #expect(line.contains("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"))
        #expect(line.contains("-no-reboot") && line.contains("-m 128 -smp 1"))
    }

    @Test func `memory and processors are those requested`() throws {
        let line = try arguments(.boot, cpus: 4, memory: 512).joined(separator: " ")
        #expect(line.contains("-m 512 -smp 4") && line.contains("thread=multi"))
        // Several processors need tables that a single one does not.
        #expect(!line.contains("noapic"))
        #expect(try arguments(.boot).joined(separator: " ").contains("noapic"))
    }

    @Test func `a template shares its memory, a clone's is private, and a booted VM has no memory file`() throws {
        #expect(try arguments(.prepare).contains { $0.hasSuffix("size=128M,mem-path=/proc/self/fd/7,share=on") })
        #expect(try arguments(.clone).contains { $0.hasSuffix("size=128M,mem-path=/proc/self/fd/7,share=off") })
        #expect(try !arguments(.boot).contains { $0.contains("memory-backend") })
        #expect(try arguments(.clone).contains("-incoming") && !arguments(.clone).contains("-kernel"))
    }

    @Test func `only a guest under TCG is given the counter frequency`() throws {
        #expect(try arguments(.boot, .tcg).contains { $0.contains("tsc_early_khz=2500000") })
        #expect(try !arguments(.boot, .kvm).contains { $0.contains("tsc_early_khz") })
    }
}
