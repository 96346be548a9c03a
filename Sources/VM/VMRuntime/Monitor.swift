import JSONCodec
import LinuxSystem

/// QEMU's monitor: commands in their order, and what QEMU says of itself (QEMU's QMP specification).
final class Monitor {
    private var socket: LineSocket?
    private let event: (String, JSON?) -> Void

    /// - Parameter event: gets the name and the data of each event.
    init(
        _ descriptor: consuming Descriptor, on loop: EventLoop, event: @escaping (String, JSON?) -> Void
    ) throws(SystemError) {
        self.event = event
        socket = try LineSocket(descriptor, on: loop) { [unowned self] message in
            if let name = message["event"]?.string { self.event(name, message["data"]) }
            if let error = message["error"] { Runner.note("QEMU: \(error["desc"]?.string ?? "an error")") }
        }
        // QEMU takes nothing else before.
        execute("qmp_capabilities")
    }

    func execute(_ command: String, _ arguments: JSON? = nil) { socket?.send(Self.message(command, arguments)) }

    /// Goes on from a state that QEMU finds open; `MIGRATION` says how that went.
    func restore(from descriptor: Int32) {
        setUp()
        execute("migrate-incoming", ["uri": .string("fd:\(descriptor)")])
    }

    /// Stops the machine and writes its state, all but its memory, to a descriptor of this program.
    func save(to descriptor: Int32) throws(SystemError) {
        execute("stop")
        setUp()
        try socket?.send(Self.message("getfd", ["fdname": "state"]), with: descriptor)
        execute("migrate", ["uri": "fd:state"])
    }

    /// The memory of templates is shared, not written; and whoever waits is told.
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
