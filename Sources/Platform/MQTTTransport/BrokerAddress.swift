/// A broker's endpoint, with the credentials and TLS settings to use there.
///
/// It is made from a URL (``init(_:)``), or from a URL and settings (`BrokerAddress+Settings.swift`). The password is
/// read again from ``passwordFile`` at each connect. ``description`` never holds credentials, so it may be logged.
package struct BrokerAddress: Equatable, Sendable {
    package enum Endpoint: Equatable, Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package let endpoint: Endpoint
    /// The path of its WebSocket (MQTT 5 section 6); nil: MQTT directly over TCP.
    package private(set) var webSocketPath: String?
    package internal(set) var proxy: HTTPProxy?
    package var user: String?
    /// If ``passwordFile`` is set: the file's content when this address was made.
    package var password: String?
    /// An absolute path. The file's first line is the password, which each connect reads again.
    package var passwordFile: String?
    /// Nil if the connection is not encrypted. With TLS there is no fallback to an unencrypted connection.
    package var tls: TLSFiles?

    /// Whether the broker is reached by a UNIX socket or the loopback interface, never over a network.
    package var isLocal: Bool {
        if proxy != nil { return false }
        return switch endpoint {
        case .unix: true
        case .tcp(let host, _):
            host == "localhost" || host == "::1" || host.hasPrefix("127.") && !host.contains { $0.isLetter }
        }
    }

    /// Why the password can be read on the network, for a log line; nil if it is encrypted, local or absent.
    package var exposure: String? {
        guard password != nil, tls == nil, !isLocal else { return nil }
        return "the password goes to \(self) unencrypted and can be read on the network: use mqtts://"
    }

    /// Ignores a password from a file, because the file's content may change at any time.
    package static func == (left: BrokerAddress, right: BrokerAddress) -> Bool {
        left.endpoint == right.endpoint && left.user == right.user && left.tls == right.tls
            && left.webSocketPath == right.webSocketPath && left.proxy == right.proxy
            && left.passwordFile == right.passwordFile && (left.passwordFile != nil || left.password == right.password)
    }

    /// Whether libmosquitto can't connect to it by itself.
    package var needsRelay: Bool { webSocketPath != nil || proxy != nil }

    package var isUnixSocket: Bool {
        if case .unix = endpoint { true } else { false }
    }

    /// Parses `mqtt://[user[:password]@]host[:1883]`, the same with `mqtts` for TLS (port 8883), `ws` and `wss` with a path
    /// for a WebSocket (ports 80 and 443), or `unix:///path`.
    /// Reserved characters are percent-encoded (RFC 3986).
    package init(_ url: String) throws(InvalidBrokerAddress) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .init("is no URL: it has no ://")
        }
        let rest = url[colon...].dropFirst(3)
        switch url[..<colon] {
        case "unix":
            guard rest.hasPrefix("/"), rest.utf8.count > 1 else { throw .init("names no absolute path") }
            endpoint = .unix(path: try Self.decode(rest))
        case let scheme where ["mqtt", "mqtts", "ws", "wss"].contains(scheme):
            if scheme.hasSuffix("s") && scheme != "ws" { tls = TLSFiles() }
            var rest = rest
            if scheme.hasPrefix("ws") {
                let slash = rest.firstIndex(of: "/") ?? rest.endIndex
                webSocketPath = rest[slash...].isEmpty ? "/" : String(rest[slash...])
                rest = rest[..<slash]
            }
            let at = rest.lastIndex(of: "@")
            if let at {
                let credentials = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                user = try Self.decode(credentials[0])
                password = credentials.count > 1 ? try Self.decode(credentials[1]) : nil
            }
            let authority = rest[(at.map(rest.index(after:)) ?? rest.startIndex)...]
            let ports = webSocketPath == nil ? (1883, 8883) : (80, 443)
            endpoint = try Self.tcp(authority, defaultPort: tls == nil ? ports.0 : ports.1)
        default: throw .init("must begin with mqtt://, mqtts://, ws://, wss:// or unix://")
        }
    }

    /// `host`, `host:port`, `[ipv6]` or `[ipv6]:port`, with or without a slash at the end.
    private static func tcp(
        _ authority: Substring, defaultPort: Int
    ) throws(InvalidBrokerAddress) -> Endpoint {
        let text = authority.hasSuffix("/") ? authority.dropLast() : authority
        let host: Substring
        let port: Substring
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<bracket]
            port = text[text.index(after: bracket)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty, !host.contains("/") else { throw .init("names no host") }
        if port.isEmpty { return .tcp(host: try decode(host), port: defaultPort) }
        let digits = port.dropFirst()
        guard port.hasPrefix(":"), digits.first != "+", let number = Int(digits), (1...65535).contains(number) else {
            throw .init("has no valid port")
        }
        return .tcp(host: try decode(host), port: number)
    }

    private static func decode(_ text: Substring) throws(InvalidBrokerAddress) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, rest.first != UInt8(ascii: "+"),
                    let code = UInt8(String(rest.prefix(2)) ?? "", radix: 16), code != 0
                else {
                    throw .init("has a % that is no escape")
                }
                rest = rest.dropFirst(2)
                bytes.append(code)
            } else {
                guard byte != 0 else { throw .init("holds a NUL") }
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a broker's URL can't be used. The description is a predicate, to follow the URL's name in a sentence.
package struct InvalidBrokerAddress: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension BrokerAddress: CustomStringConvertible {
    /// The URL without credentials, so that it may be logged. Parsing it gives the same endpoint.
    package var description: String {
        switch endpoint {
        case .tcp(let host, let port):
            let text = Self.encode(host, "%/@[]")
            let scheme = (webSocketPath == nil ? "mqtt" : "ws") + (tls == nil ? "" : "s")
            return "\(scheme)://\(host.utf8.contains(0x3A) ? "[\(text)]" : text):\(port)\(webSocketPath ?? "")"
        case .unix(let path): return "unix://\(Self.encode(path, "%"))"
        }
    }

    /// Percent-encodes the reserved bytes and everything that is not printable ASCII.
    private static func encode(_ text: String, _ reserved: StaticString) -> String {
        text.utf8.map { byte in
            let isPlain = (0x21...0x7E).contains(byte) && !"\(reserved)".utf8.contains(byte)
            return isPlain
                ? "\(Unicode.Scalar(byte))" : "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
        }.joined()
    }
}
