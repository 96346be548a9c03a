import Model

/// QEMU's command line: what it is to be, and by which descriptors it is spoken to.
///
/// No secret is on it: everybody may read it.
struct QemuCommand {
    let job: VMJob
    /// Of the processor's time stamp counter, in kHz. A guest under TCG finds it out by a race that it may lose.
    let counterFrequency: UInt32?

    let work: VMJob.Work

    /// Descriptors that QEMU finds open, beside 0, 1 (the guest's console) and 2.
    enum Inherited: Int32, CaseIterable {
        /// The guest's second serial port.
        case line = 3
        case monitor, kernel, root
        /// Of a template.
        case memory, state
    }

    var arguments: [String] {
        [job.qemu, "-name", "\(job.id)"] + Self.isolation + board + processor + boot + devices
    }

    private static let isolation = [
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    ]

    /// One processor needs no table of processors, and booting is quicker without.
    private var isSingle: Bool { job.vm.cpus == 1 }

    private var board: [String] {
        let kind = "pc,hpet=off,usb=off,vmport=off"
        let size = ["-m", "\(job.vm.memory)", "-smp", "\(job.vm.cpus)"]
        if work == .boot { return ["-M", kind] + size }
        // What a template's guest writes, its clones find; what a clone's guest writes, it alone does.
        let share = work == .prepare ? "on" : "off"
        let memory =
            "memory-backend-file,id=memory,size=\(job.vm.memory)M,mem-path=\(path(.memory)),share=\(share)"
        return ["-object", memory, "-M", "\(kind),memory-backend=memory"] + size
    }

    private var processor: [String] {
        switch job.accelerator {
        case .kvm: ["-accel", "kvm", "-cpu", "host"]
        // Without RDRAND the guest waits a second for random numbers.
        case .tcg:
            [
                "-accel", "tcg,thread=\(isSingle ? "single" : "multi"),tb-size=64", "-cpu",
                "qemu64,+rdrand",
            ]
        }
    }

    private var boot: [String] {
        // A clone's kernel is in its memory; the code that had started it has to be there, too.
        if work == .clone { return ["-option-rom", "pvh.bin", "-incoming", "defer"] }
        return ["-kernel", path(.kernel), "-initrd", path(.root), "-append", kernelArguments]
    }

    /// A panic is said on the console, and ends the machine at once.
    private var kernelArguments: String {
        // What nothing in a guest needs is what each clone would have to translate anew.
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
