/// The beginning of an HTTP response (RFC 9112 section 4): `HTTP/1.1 200`.
struct HTTPStatus: Equatable {
    let code: Int

    /// Bytes up to the end of the code.
    static let length = 12

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.length, bytes.starts(with: "HTTP/1.".utf8), bytes[8] == UInt8(ascii: " ") else {
            return nil
        }
        var code = 0
        for byte in bytes[9..<12] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            code = code * 10 + Int(byte - UInt8(ascii: "0"))
        }
        self.code = code
    }
}
