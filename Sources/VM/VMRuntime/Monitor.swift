import JSONCodec
import LinuxSystem

/// A client of QEMU's monitor: sends commands in order and receives events (QMP specification of QEMU).
final class Monitor {
    private var socket: LineSocket?
    private let event: (String, JSON?) -> Void

    /// - Parameter event: called with the name and the data of each event.
    init(
        _ descriptor: consuming Descriptor, on loop: EventLoop, event: @escaping (String, JSON?) -> Void
    ) throws(SystemError) {
        self.event = event
        socket = try LineSocket(descriptor, on: loop) { [unowned self] message in
            if let name = message["event"]?.string { self.event(name, message["data"]) }
            if let error = message["error"] { Runner.note("QEMU: \(error["desc"]?.string ?? "an error")") }
        }
        // QEMU accepts no other command before this one.
        execute("qmp_capabilities")
    }

    func execute(_ command: String, _ arguments: JSON? = nil) { socket?.send(Self.message(command, arguments)) }

    /// Restores a saved state from a descriptor that QEMU has inherited. A `MIGRATION` event reports the result.
    func restore(from descriptor: Int32) {
        setUp()
        execute("migrate-incoming", ["uri": .string("fd:\(descriptor)")])
    }

    /// Stops the VM and writes its state, without its memory, to a descriptor of the runner.
    func save(to descriptor: Int32) throws(SystemError) {
        execute("stop")
        setUp()
        try socket?.send(Self.message("getfd", ["fdname": "state"]), with: descriptor)
        execute("migrate", ["uri": "fd:state"])
    }

    /// Memory of templates is shared and therefore not part of the state; `events` enables the `MIGRATION` event.
    private func setUp() {
        let capabilities = ["x-ignore-shared", "events"].map { name -> JSON in
            ["capability": .string(name), "state": true]
        }
        execute("migrate-set-capabilities", ["capabilities": .array(capabilities)])
    }

    private static func message(_ command: String, _ arguments: JSON?) -> JSON {
        .object([.init("execute", .string(command))] + (arguments.map { [JSON.Member("arguments", $0)] } ?? []))
    }
}
