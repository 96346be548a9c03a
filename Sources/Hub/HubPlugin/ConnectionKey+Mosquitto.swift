import Routing

extension ConnectionKey {
    /// The address of the broker's record of the connection: unlike the client id, it is unique at a takeover.
    init(_ client: OpaquePointer) { self.init(UInt(bitPattern: client)) }

    /// The broker's record of the connection.
    var client: OpaquePointer? { OpaquePointer(bitPattern: value) }
}
