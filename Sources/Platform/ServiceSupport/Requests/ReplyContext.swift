package import Wire

/// Whoever asked, and at which QoS.
package struct ReplyContext {
    package let header: RequestHeader
    package let qos: Int32

    init(header: RequestHeader, qos: Int32) {
        self.header = header
        self.qos = qos
    }

    /// Who waits for the answer to somebody else's request, which it quotes instead of this one.
    var waiting: ReplyContext { ReplyContext(header: header.withoutEcho, qos: qos) }
}
