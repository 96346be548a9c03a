import JSONCodec
package import Model

/// A request to an agent: the header, which is needed for the answer, and the command or the reason for a refusal.
package struct Request: Sendable {
    package let header: RequestHeader
    package let command: Result<Command, Failure>

    package init(_ payload: Span<UInt8>, properties: MessageProperties = MessageProperties()) {
        let (header, json) = RequestHeader.parse(payload, properties: properties)
        self.header = header
        if let refusal = header.refusal {
            command = .failure(refusal)
        } else if let json {
            command = Result { () throws(Failure) in try Command(json, dialect: header.dialect) }
        } else {
            command = .failure(Failure(.malformedRequest, "malformed request"))
        }
    }
}
