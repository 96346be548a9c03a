import LinuxSystem
import Model

/// The subscribers of the output of all processes, by id.
///
/// They are kept from run to run, and when another process takes over the id. Most processes have none.
final class OutputSubscriptions {
    private let loop: EventLoop
    private var subscribers: [Name: OutputSubscribers] = [:]

    init(loop: EventLoop) { self.loop = loop }

    subscript(id: Name) -> OutputSubscribers? { subscribers[id] }

    /// The subscribers of a process, made when first needed.
    func subscribers(of id: Name) -> OutputSubscribers {
        if let present = subscribers[id] { return present }
        let new = OutputSubscribers(loop: loop)
        subscribers[id] = new
        return new
    }

    /// No process has that id any more.
    func remove(_ id: Name) { subscribers[id] = nil }
}
