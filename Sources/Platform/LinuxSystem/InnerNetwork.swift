/// A network namespace for one process. It contains only the loopback interface, with one socket on which this program
/// listens.
package final class InnerNetwork {
    /// The port on 127.0.0.1.
    package let port: UInt16
    private var listener: Descriptor?

    package init(port: UInt16) { self.port = port }

    func opened(_ number: Int32) { listener = Descriptor(owning: number) }

    /// Hands the socket over to the caller, once the process was launched.
    package func takeListener() -> Descriptor { listener.take() ?? Descriptor(owning: -1) }
}
