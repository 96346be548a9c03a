/// A network of its own that a process is born into: nothing is there but one socket that this program listens on.
package final class InnerNetwork {
    /// Of 127.0.0.1.
    package let port: UInt16
    private var listener: Descriptor?

    package init(port: UInt16) { self.port = port }

    func opened(_ number: Int32) { listener = Descriptor(owning: number) }

    /// The socket, once the process is there; the caller's from now on.
    package func takeListener() -> Descriptor { listener.take() ?? Descriptor(owning: -1) }
}
