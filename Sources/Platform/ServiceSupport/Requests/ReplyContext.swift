package import Wire

/// The header of a request, by which it is answered, and its QoS.
package struct ReplyContext {
    package let header: RequestHeader
    package let qos: Int32

    init(header: RequestHeader, qos: Int32) {
        self.header = header
        self.qos = qos
    }

    /// The context of a duplicate: its answer quotes the first request, which is equal.
    var waiting: ReplyContext { ReplyContext(header: header.withoutEcho, qos: qos) }
}
