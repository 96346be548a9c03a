import Glibc
import JSONCodec
import Model
import Routing
import Wire

/// The file in which the hub keeps the hosts that it knows, so that it also knows them after a restart of the broker:
/// then a host that is gone is offline and not unknown.
///
/// The file is written by a rename and not forced to the disk: after a power failure it may be an older one.
struct KnownHosts {
    private let path: String?
    private let broker: any BrokerAPI
    private var isChanged = false
    private var savedAt: Double
    private var hasWarned = false

    /// - Parameter path: nil: nothing is kept.
    init(path: String?, _ broker: any BrokerAPI) {
        self.path = path
        self.broker = broker
        savedAt = broker.steadyTime
    }

    /// Adds the hosts of the file to a registry, as offline.
    func read(into registry: inout HostRegistry) {
        guard let path, access(path, F_OK) == 0 else { return }
        let bytes = FileText.bytes(of: path, limit: Limits.hostsFile)
        let json = bytes.flatMap { bytes in
            try? JSON.parse(bytes.span, sizeLimit: Limits.hostsFile, nestingLimit: Limits.nesting)
        }
        guard let hosts = json?["hosts"]?.array else {
            return broker.log(.error, "hub: \(path) can't be read: the hosts of before are not known")
        }
        for host in hosts {
            guard let name = host["host_name"]?.string.flatMap(HostName.init) else { continue }
            registry.remember(name, lastActive: host["last_active"]?.number ?? 0)
        }
    }

    mutating func note(_ change: PresenceChange) {
        if change == .hosts { isChanged = true }
    }

    mutating func saveIfDue(_ registry: HostRegistry) {
        guard path != nil, isChanged, broker.steadyTime - savedAt >= Limits.hostsSaving else { return }
        save(registry)
    }

    mutating func save(_ registry: HostRegistry) {
        guard let path else { return }
        (isChanged, savedAt) = (false, broker.steadyTime)
        let hosts = registry.hosts.map { host -> JSON in
            ["host_name": .string(host.host.description), "last_active": .number(host.lastActive)]
        }
        guard !FileText.replace(path, with: JSON.object([.init("hosts", .array(hosts))]).printed()) else { return }
        if !hasWarned { broker.log(.error, "hub: \(path) can't be written: \(String(cString: strerror(errno)))") }
        hasWarned = true
    }
}
