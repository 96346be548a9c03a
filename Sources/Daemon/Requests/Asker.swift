package import Wire

/// Whoever asked, and at which QoS.
package struct Asker {
    package let header: RequestHeader
    package let qos: Int32

    init(header: RequestHeader, qos: Int32) {
        self.header = header
        self.qos = qos
    }
}
