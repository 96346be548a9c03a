import Model

/// Builds QEMU's command line: the virtual hardware, and the descriptors through which the runner talks to QEMU.
///
/// It contains no secrets, because every user of the host can read command lines.
struct QemuCommand {
    let job: VMJob
    /// Frequency of the processor's time stamp counter in kHz. A guest under TCG would calibrate it, which can fail.
    let counterFrequency: UInt32?

    let work: VMJob.Work

    /// Descriptors that QEMU inherits, besides 0, 1 (the guest's console) and 2.
    enum Inherited: Int32, CaseIterable {
        /// The guest's second serial port.
        case line = 3
        case monitor, kernel, root
        /// Memory and state of a template.
        case memory, state
    }

    var arguments: [String] {
        [job.qemu, "-name", "\(job.id)"] + Self.isolation + board + processor + boot + devices
    }

    private static let isolation = [
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    ]

    /// A VM with one processor needs no ACPI or MP tables, and boots faster without.
    private var isSingle: Bool { job.vm.cpus == 1 }

    private var board: [String] {
        let kind = "pc,hpet=off,usb=off,vmport=off"
        let size = ["-m", "\(job.vm.memory)", "-smp", "\(job.vm.cpus)"]
        if work == .boot { return ["-M", kind] + size }
        // What a template's guest writes is shared with its clones; what a clone's guest writes stays private.
        let share = work == .prepare ? "on" : "off"
        let memory =
            "memory-backend-file,id=memory,size=\(job.vm.memory)M,mem-path=\(path(.memory)),share=\(share)"
        return ["-object", memory, "-M", "\(kind),memory-backend=memory"] + size
    }

    private var processor: [String] {
        switch job.accelerator {
        case .kvm: ["-accel", "kvm", "-cpu", "host"]
        // Without RDRAND the guest waits one second for entropy.
        case .tcg:
            [
                "-accel", "tcg,thread=\(isSingle ? "single" : "multi"),tb-size=64", "-cpu",
                "qemu64,+rdrand",
            ]
        }
    }

    private var boot: [String] {
        // A clone's kernel is in its memory, but the option ROM that started it must exist as well.
        if work == .clone { return ["-option-rom", "pvh.bin", "-incoming", "defer"] }
        return ["-kernel", path(.kernel), "-initrd", path(.root), "-append", kernelArguments]
    }

    /// A panic is printed on the console and ends the VM at once.
    private var kernelArguments: String {
        // Features that guests do not need are disabled: each clone would have to translate their code again.
        let common =
            "console=ttyS0 quiet loglevel=1 panic=-1 reboot=t cryptomgr.notests ipv6.disable=1 psi=0 lsm= "
            + "cgroup.memory=nokmem,nosocket"
        let counter = job.accelerator == .tcg ? counterFrequency.map { " tsc_early_khz=\($0) tsc=reliable" } ?? "" : ""
        return isSingle ? "\(common)\(counter) acpi=off noapic nolapic noreplace-smp" : "\(common)\(counter)"
    }

    private var devices: [String] {
        [
            "-netdev", "user,id=net,ipv6=off", "-device",
            "virtio-net-pci,netdev=net,romfile=,vectors=0,guest_announce=off",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", "socket,id=line,fd=\(Inherited.line.rawValue)", "-serial", "chardev:line",
            "-chardev", "socket,id=monitor,fd=\(Inherited.monitor.rawValue)", "-mon", "chardev=monitor,mode=control",
        ]
    }

    private func path(_ descriptor: Inherited) -> String { "/proc/self/fd/\(descriptor.rawValue)" }
}
