import Drivers
import Model

extension AgentConfiguration {
    /// - Parameter isVM: whether this agent runs in a VM.
    func makeDrivers(isVM: Bool) -> [any Driver] {
        let simple: [any Driver] = [
            ExecDriver(as: policy.defaultAccount),
            // A VM has no memory for spares.
            NodeDriver(stateDirectory: stateDirectory, settings: inherited, spares: isVM ? 0 : nodeSpares),
        ]
        // No VMs inside VMs.
        if isVM { return simple }
        let guest = { [guests, intervals] () throws(Failure) in
            var guest = try guests.forGuest()
            guest.intervals = intervals
            return guest
        }
        return simple + [QemuDriver(broker: broker.target, guest: guest, settings: vms)]
    }

    /// Adjusts an existing driver to this configuration, after a reload.
    func renew(_ driver: any Driver) -> any Driver {
        if driver is ExecDriver { return ExecDriver(as: policy.defaultAccount) }
        (driver as? NodeDriver)?.settings = inherited
        return driver
    }

    /// How often a guest's agent speaks to the broker: as often as this one.
    private var intervals: [String: Double] {
        [
            "keep_alive": Double(keepAlive), "health_interval": healthInterval,
            "health_max_interval": healthMaxInterval,
        ]
    }
}
