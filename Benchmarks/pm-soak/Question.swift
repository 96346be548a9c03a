/// A request to the agent.
enum Question: Sendable {
    case start(Run)
    case startMissing(String)
    case stop(String)
    case reset(String)
    case signal(String, Int)
    case remove(String)
    /// A method that reads or follows one process.
    case read(String, method: String, arguments: String)
    /// A start in BlueZero's dialect of a process that ends at once with this code.
    case oneShot(exitCode: Int, number: Int)
    case bad(String)
    /// A request that changes nothing and must succeed.
    case general(method: String, arguments: String)

    /// The slot that the request is about. Each slot has at most one open request.
    var slot: String? {
        switch self {
        case .start(let run): run.slot
        case .startMissing(let slot), .stop(let slot), .reset(let slot), .signal(let slot, _), .remove(let slot),
            .read(let slot, _, _):
            slot
        case .oneShot, .bad, .general: nil
        }
    }

    /// Whether its text can name a host.
    var canBeRouted: Bool { if case .bad = self { false } else { true } }

    /// A program that does not exist.
    static let missing = "/nowhere/at-all"

    /// The payload of the request.
    ///
    /// - Parameter isRouted: whether it goes through the hub, and so has to name the host.
    func text(tag: String, program: String, host: String, isRouted: Bool) -> String {
        let route = isRouted ? #""host_name":"\#(host)","# : ""
        func method(_ name: String, _ arguments: String) -> String {
            #"{\#(route)"method":"\#(name)","args":\#(arguments)}"#
        }
        func about(_ slot: String, _ rest: String = "") -> String { #"{"process_id":"\#(slot)"\#(rest)}"# }
        switch self {
        case .start(let run):
            return method("start_process", #"{"config":\#(run.config(tag: tag, program: program))}"#)
        case .startMissing(let slot):
            return method("start_process", #"{"config":{"name":"\#(slot)","command":["\#(Self.missing)"]}}"#)
        case .stop(let slot): return method("kill_process", about(slot))
        case .reset(let slot): return method("reset_process", about(slot))
        case .signal(let slot, let signal): return method("signal_process", about(slot, #","signal":\#(signal)"#))
        case .remove(let slot): return method("remove_process", about(slot))
        case .read(let slot, let name, let arguments): return method(name, about(slot, arguments))
        case .oneShot(let code, let number):
            return #"{\#(route)"start_process":{"path":"\#(program)","args":["--exit","\#(code)"],"#
                + #""env":{"PM_SOAK":"\#(tag) one.\#(number)"}}}"#
        case .bad(let text): return text
        case .general(let name, let arguments): return method(name, arguments)
        }
    }
}
