import JSONCodec
package import Model

/// A request to an agent: whom to answer, and what to do or why not.
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
