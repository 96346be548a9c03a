import Glibc
import JSONCodec
import LinuxSystem
import Model

/// An agent as the inside of a virtual machine: it makes the machine usable, and hears from outside who it is.
final class Guest {
    let configurationFile = Guest.file
    /// To whoever runs the machine.
    let line: SerialLine
    let ground: AgentFoundation
    /// Whether it has still to hear who it is; a worker that follows another knows.
    let isNew: Bool

    /// Empty until then. To open something costs each clone more than to write to it.
    private let identityFile: Descriptor
    private let randomNumbers: Descriptor

    private static let file = "/run/pmqtt/agent.json"
    private static let modules = "/lib/modules/order"
    private static let state = "/var/lib/pmqtt"
    /// As QEMU's user network has it.
    private static let address = "10.0.2.15"
    private static let gateway = "10.0.2.2"

    init(_ link: KeeperLink) throws(SystemError) {
        isNew = (try? FileSystem.read(Guest.file, limit: Limits.payload)).map(\.isEmpty) ?? true
        if isNew {
            try Guest.mountAll()
            try FileSystem.replace(Guest.nobodysFile, with: Guest.nobody.printed(), isDurable: false)
        }
        // In memory only, and only for its owner.
        identityFile = try Descriptor.open(Guest.file, O_WRONLY | O_CREAT, mode: 0o600)
        randomNumbers = try Descriptor.open("/dev/urandom", O_RDWR)
        line = try SerialLine("/dev/ttyS1")
        ground = try AgentFoundation(state: Guest.state, name: "pm-agent", bootID: "guest", link: link)
        if isNew { try Guest.bringUpNetwork() }
    }

    /// Returns once the machine has an identity, which it waits for as long as it takes: clones go on here. All that can be
    /// done before is done once, and not by each of them.
    func learn(rehearse: () throws -> Void) throws {
        while true {
            line.say(.waits)
            let bytes = try line.receive()
            guard let news = try? JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting),
                news["rehearse"]?.bool == true
            else { return try accept(bytes) }
            try rehearse()
        }
    }

    /// As whom an agent is made until then.
    private static let nobody: JSON = [
        "host": "nobody", "broker": .string("mqtt://\(gateway)"), "state_dir": .string(state), "run_as": "0",
        "policy": ["allow": ["/**"]],
    ]
    static let nobodysFile = "/run/pmqtt/nobody.json"

    private static func mountAll() throws(SystemError) {
        try GuestSetup.mount("devtmpfs", on: "/dev")
        try GuestSetup.mount("sysfs", on: "/sys")
        try GuestSetup.mount("cgroup2", on: "/sys/fs/cgroup")
        try GuestSetup.mount("tmpfs", on: "/run", options: "mode=755,size=10%")
        try GuestSetup.mount("tmpfs", on: "/tmp", options: "size=25%")
        // What processes say may not fill the memory that they need.
        try GuestSetup.mount("tmpfs", on: state, options: "mode=700,size=25%")
        try FileSystem.makeDirectories("/run/pmqtt")
    }

    private static func bringUpNetwork() throws(SystemError) {
        let order = try FileSystem.read(modules, limit: Limits.payload)
        for path in order.split(separator: UInt8(ascii: "\n")) {
            try GuestSetup.loadModule(String(decoding: path, as: UTF8.self))
        }
        // Whoever runs the machine takes connections at once, or is not there.
        try Descriptor.open("/proc/sys/net/ipv4/tcp_syn_retries", O_WRONLY).write(Array("1".utf8))
        try GuestSetup.raise(interface: "lo")
        try GuestSetup.raise(interface: "eth0", address: address)
        try GuestSetup.route(by: gateway)
    }

    /// `{"time":…,"entropy":[…],"config":{…}}`, the last of which is the agent's configuration.
    private func accept(_ bytes: [UInt8]) throws(SystemError) {
        guard
            let identity = try? JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting),
            let configuration = identity["config"], let time = identity["time"]?.number
        else { throw SystemError("understand who this is", errno: EBADMSG) }
        GuestSetup.setHostName(configuration["host"]?.string ?? "")
        try GuestSetup.setClock(time)
        let entropy = identity["entropy"]?.array?.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) } ?? []
        try randomNumbers.addEntropy(entropy)
        try SerialLine.write(identity["files"])
        try identityFile.write(configuration.printed())
    }
}
