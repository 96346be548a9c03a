package import Model

/// Chooses the host for a node or VM: the requested one, or the least loaded of those that can run it.
package struct Placement: Sendable {
    /// What is already placed on a host, or being started there.
    package struct Usage: Equatable, Sendable {
        package var instances: Int
        /// Bytes for VMs that are being started, which the host's reported free memory may not show yet.
        package var memory: Int
        /// Bytes that all VMs of the host may use, whether they use them or not.
        package var promised: Int

        package init(instances: Int = 0, memory: Int = 0, promised: Int = 0) {
            self.instances = instances
            self.memory = memory
            self.promised = promised
        }
    }

    package var kind: InstanceKind
    /// The requested host; nil for any.
    package var host: HostName?
    /// Bytes that a VM may use, including QEMU's own; 0 for a node, and for a VM that has its memory already.
    package var memory: Int
    /// The multiple of a host's memory that may be promised to VMs.
    package var overcommit: Double

    package init(kind: InstanceKind, host: HostName?, memory: Int, overcommit: Double = Limits.memoryOvercommit) {
        self.kind = kind
        self.host = host
        self.memory = memory
        self.overcommit = overcommit
    }

    package func choose(
        among hosts: HostTable, usage: (HostName) -> Usage
    ) throws(Failure) -> HostName {
        if let host {
            try check(host, hosts[host], usage(host))
            return host
        }
        var best: (name: HostName, weight: Double)?
        var reason: Failure?
        for (name, host) in hosts.all {
            // Nodes and VMs are hosts as well, but are used for further instances only if the request names them.
            guard host.facts?.generation == nil else { continue }
            let usage = usage(name)
            do { try check(name, host, usage) } catch {
                // Of all reasons, a lack of memory is the most useful one to report.
                if error.code == .noCapacity || reason == nil { reason = error }
                continue
            }
            let weight = Self.weight(host, usage)
            if weight < best?.weight ?? .infinity { best = (name, weight) }
        }
        if let best { return best.name }
        guard let reason else { throw Failure(.noCapacity, "there is no host that could run a \(kind.rawValue)") }
        throw Failure(.noCapacity, "no host can run a \(kind.rawValue): \(reason.detail)")
    }

    /// Whether a suitable host is still testing its driver, so that the instance should wait.
    package func isPending(among hosts: HostTable) -> Bool {
        hosts.all.contains { name, other in
            guard host == nil ? other.facts?.generation == nil : host == name else { return false }
            let driver = other.facts?.drivers.first { $0.name == kind.driver }
            return other.presence == .online && driver?.isPending == true
        }
    }

    /// The load of a host: instances and load average, divided by the number of processors.
    private static func weight(_ host: HostTable.Host, _ usage: Usage) -> Double {
        let cpus = Double(host.load?.cpus ?? 1)
        return Double(usage.instances) / cpus + (host.load?.load ?? 0) / cpus
    }

    private func check(_ name: HostName, _ host: HostTable.Host?, _ usage: Usage) throws(Failure) {
        guard let host else { throw Failure(.unknownHost, "there is no host \(name)") }
        guard host.presence == .online else { throw Failure(.hostOffline, "\(name) is offline") }
        if host.isInConflict { throw Failure(.hostConflict, "two agents have the name \(name)") }
        guard let driver = host.facts?.drivers.first(where: { $0.name == kind.driver }) else {
            throw Failure(.driverUnavailable, "\(name) has no driver \(kind.driver)")
        }
        if driver.isPending {
            throw Failure(.driverUnavailable, "\(name) is still testing its driver \(kind.driver)")
        }
        if let reason = driver.reason {
            throw Failure(.driverUnavailable, "the driver \(kind.driver) does not work on \(name): \(reason)")
        }
        guard memory > 0, let load = host.load else { return }
        if let total = load.memoryTotal, Double(usage.promised) + Double(memory) > Double(total) * overcommit {
            let factor =
                overcommit == 1 ? "" : " (memory_overcommit \(overcommit))"
            throw Self.shortage(
                name, memory, "\(Self.text(usage.promised)) of \(Self.text(total)) are promised to other VMs\(factor)")
        }
        if let available = load.memoryAvailable, memory > available - usage.memory {
            let onTheirWay = usage.memory > 0 ? ", of which \(Self.text(usage.memory)) are for starting VMs" : ""
            throw Self.shortage(name, memory, "\(Self.text(available)) are free\(onTheirWay)")
        }
    }

    private static func shortage(_ host: HostName, _ memory: Int, _ reason: String) -> Failure {
        Failure(.noCapacity, "\(host) has not enough memory: \(text(memory)) are needed, and \(reason)")
    }

    private static func text(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
