import Routing

extension ConnectionKey {
    /// By the address of the broker's record of it: at a takeover the client id is the same.
    init(_ client: OpaquePointer) { self.init(UInt(bitPattern: client)) }
}
