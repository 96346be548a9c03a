import JSONCodec

/// A request as its answer quotes it.
struct Echo: Sendable {
    let json: JSON
    let bytes: Int

    init(_ json: JSON, _ bytes: Int) {
        self.json = json
        self.bytes = bytes
    }
}
