import var Glibc.EBADMSG
import var Glibc.O_CREAT
import var Glibc.O_RDWR
import var Glibc.O_WRONLY
import JSONCodec
import LinuxSystem
import Model

/// The agent's environment inside a VM: mounts the file systems, configures the network and receives the VM's identity.
final class Guest {
    let configurationFile = Guest.file
    /// The serial line to the runner.
    let line: SerialLine
    let ground: AgentFoundation
    /// Whether the guest has no identity yet; false in a worker that replaces another.
    let isNew: Bool

    /// Empty until the identity is known. Opened in the template, because in a clone an open costs more than a write.
    private let identityFile: Descriptor
    private let randomNumbers: Descriptor

    private static let file = "/run/pmqtt/agent.json"
    private static let modules = "/lib/modules/order"
    private static let state = "/var/lib/pmqtt"
    /// The defaults of QEMU's user network.
    private static let address = "10.0.2.15"
    private static let gateway = "10.0.2.2"

    init(_ link: KeeperLink) throws(SystemError) {
        isNew = (try? FileSystem.read(Guest.file, limit: Limits.payload)).map(\.isEmpty) ?? true
        if isNew {
            try Guest.mountAll()
            try FileSystem.replace(Guest.nobodysFile, with: Guest.nobody.printed(), isDurable: false)
        }
        // On a tmpfs: the configuration may contain a password.
        identityFile = try Descriptor.open(Guest.file, O_WRONLY | O_CREAT, mode: 0o600)
        randomNumbers = try Descriptor.open("/dev/urandom", O_RDWR)
        line = try SerialLine("/dev/ttyS1")
        ground = try AgentFoundation(state: Guest.state, name: "pm-agent", bootID: "guest", link: link)
        if isNew { try Guest.bringUpNetwork() }
    }

    /// Waits for the identity, without a time limit, and applies it. Clones are resumed in this call, so everything
    /// that runs before it is done once, in the template.
    func learn(warmUp: () throws -> Void) throws {
        while true {
            line.say(.waits)
            let bytes = try line.receive()
            guard let news = try? JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting),
                news["rehearse"]?.bool == true
            else { return try accept(bytes) }
            try warmUp()
        }
    }

    /// The configuration of the agent before it has an identity.
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
        // Limited, so that the logs of processes can't fill the guest's memory.
        try GuestSetup.mount("tmpfs", on: state, options: "mode=700,size=25%")
        try FileSystem.makeDirectories("/run/pmqtt")
    }

    private static func bringUpNetwork() throws(SystemError) {
        let order = try FileSystem.read(modules, limit: Limits.payload)
        for path in order.split(separator: UInt8(ascii: "\n")) {
            try GuestSetup.loadModule(String(decoding: path, as: UTF8.self))
        }
        // The runner accepts connections at once or is gone: more retries only delay the error.
        try Descriptor.open("/proc/sys/net/ipv4/tcp_syn_retries", O_WRONLY).write(Array("1".utf8))
        try GuestSetup.raise(interface: "lo")
        try GuestSetup.raise(interface: "eth0", address: address)
        try GuestSetup.route(by: gateway)
    }

    /// Applies the identity: `{"time":…,"entropy":[…],"files":{…},"config":{…}}`, with the agent's configuration in
    /// `config`.
    private func accept(_ bytes: [UInt8]) throws(SystemError) {
        guard
            let identity = try? JSON.parse(bytes.span, sizeLimit: Limits.payload, nestingLimit: Limits.nesting),
            let configuration = identity["config"], let time = identity["time"]?.number
        else { throw SystemError("read the guest's identity", errno: EBADMSG) }
        GuestSetup.setHostName(configuration["host"]?.string ?? "")
        try GuestSetup.setClock(time)
        let entropy = identity["entropy"]?.array?.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) } ?? []
        try randomNumbers.addEntropy(entropy)
        try SerialLine.write(identity["files"])
        try identityFile.write(configuration.printed())
    }
}
