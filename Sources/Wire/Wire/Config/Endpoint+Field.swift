import JSONCodec
import Model

extension Endpoint {
    /// Decodes a port of localhost, or `address:port`.
    init(_ field: Field) throws(Failure) {
        if let port = field.json.integer.flatMap(Self.port) {
            self.init(address: Self.localhost, port: port)
        } else if let text = field.json.string, let endpoint = Self.parse(Substring(text), usualPort: nil) {
            self = endpoint
        } else {
            throw field.invalid("a port, or an IP address and a port as \"127.0.0.1:80\" or \"[::1]:80\"")
        }
    }

    /// Decodes `http://address:port/path`; the default port is 80.
    static func http(_ field: Field) throws(Failure) -> (Endpoint, path: String) {
        let scheme = "http://"
        let text = field.json.string ?? ""
        guard text.utf8.starts(with: scheme.utf8) else { throw field.invalid("a URL that begins with http://") }
        let rest = Substring(text.utf8.dropFirst(scheme.utf8.count))
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard let endpoint = parse(rest[..<slash], usualPort: 80) else {
            throw field.invalid("a URL with an IP address or localhost: names are not looked up")
        }
        let path = rest[slash...]
        // The path is sent unchanged as the request target (RFC 9112 section 3.2).
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw field.invalid("a URL without spaces, accents and #")
        }
        guard path.utf8.count <= Limits.healthCheckPath else {
            throw field.invalid("a URL with a path of at most \(Limits.healthCheckPath) bytes")
        }
        return (endpoint, path.isEmpty ? "/" : String(path))
    }

    private static func parse(_ text: Substring, usualPort: UInt16?) -> Endpoint? {
        let bytes = text.utf8
        let isBracketed = bytes.first == UInt8(ascii: "[")
        // An IPv6 address is enclosed in brackets because it contains colons.
        let end = isBracketed ? bytes.firstIndex(of: UInt8(ascii: "]")) : bytes.firstIndex(of: UInt8(ascii: ":"))
        guard let end = end ?? (isBracketed ? nil : bytes.endIndex) else { return nil }
        let host = isBracketed ? bytes[bytes.index(after: bytes.startIndex)..<end] : bytes[..<end]
        var rest = isBracketed ? bytes[bytes.index(after: end)...] : bytes[end...]
        let port = rest.isEmpty ? usualPort : rest.removeFirst() == UInt8(ascii: ":") ? self.port(rest) : nil
        guard let port else { return nil }
        if isBracketed {
            return IPAddress.isV6(Substring(host)) ? Endpoint(address: String(Substring(host)), port: port) : nil
        }
        if Substring(host).utf8.elementsEqual(localhost.utf8) { return Endpoint(address: localhost, port: port) }
        return IPAddress.isV4(Substring(host)) ? Endpoint(address: String(Substring(host)), port: port) : nil
    }

    private static func port(_ digits: Substring.UTF8View) -> UInt16? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(Substring(digits)).flatMap(port)
    }

    private static func port(_ number: Int) -> UInt16? {
        number > 0 ? UInt16(exactly: number) : nil
    }
}
