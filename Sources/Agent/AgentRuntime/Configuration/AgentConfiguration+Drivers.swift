import Drivers
import Model

/// What carries out processes here.
extension AgentConfiguration {
    /// - Parameter isMachine: whether this agent is a virtual machine's.
    func makeDrivers(isVM: Bool) -> [any Driver] {
        let simple: [any Driver] = [
            ExecDriver(as: policy.defaultAccount),
            // A machine has no memory to spare.
            NodeDriver(stateDirectory: stateDirectory, settings: inherited, spares: isVM ? 0 : nodeSpares),
        ]
        // Machines in machines nobody wants.
        if isVM { return simple }
        let guest = { [guests] () throws(Failure) in try guests.forGuest() }
        return simple + [QemuDriver(broker: broker.target, guest: guest, settings: vms)]
    }

    /// A driver as it is under this configuration, after another one.
    func renew(_ driver: any Driver) -> any Driver {
        if driver is ExecDriver { return ExecDriver(as: policy.defaultAccount) }
        (driver as? NodeDriver)?.settings = inherited
        return driver
    }
}
