import JSONCodec
import Model
import Wire

/// The job of a VM's runner, and the configuration that the runner gives to the guest.
enum JobFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let json = JSON.read(bytes), json.isFinite, let job = try? VMJob(json) else { return }
        let again = try need(try? VMJob(job.json), "\(job.json) is rejected")
        try hold(again == job, "\(job.json) is read differently")
        let limits = Limits.vmMemoryLeast...Limits.vmMemoryMost
        try hold(limits.contains(job.vm.memory), "\(job.vm.memory) MB")
        try hold((1...Limits.machineCPUs).contains(job.vm.cpus), "\(job.vm.cpus) processors")
        if case .tcp(_, let port) = job.broker { try hold((1...65_535).contains(port), "port \(port)") }
        let guest = job.guestConfiguration(broker: "10.0.2.2:1883")
        try hold(JSON.read(guest.printed())?.isSame(as: guest) == true, "the guest's configuration is read differently")
    }
}
