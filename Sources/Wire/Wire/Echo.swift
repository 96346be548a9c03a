import JSONCodec

/// The quotation of a request in its answer.
struct Echo: Sendable {
    let json: JSON
    let bytes: Int

    init(_ json: JSON, _ bytes: Int) {
        self.json = json
        self.bytes = bytes
    }
}
