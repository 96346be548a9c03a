/// Syntax of numeric IP addresses, as accepted by inet_pton(3).
enum IPAddress {
    /// `127.0.0.1`: four decimal numbers. Leading zeros are rejected because some programs take them for octal.
    static func isV4(_ text: Substring) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                    part.count == 1 || part.first != UInt8(ascii: "0"), let value = Int(Substring(part))
                else { return false }
                return value <= 255
            }
    }

    /// `::1`, `2001:db8::7`, `::ffff:10.0.0.1` (RFC 4291 section 2.2), without a zone.
    static func isV6(_ text: Substring) -> Bool {
        let colon = UInt8(ascii: ":")
        let gap = text.utf8.indices.first { text.utf8[$0...].starts(with: [colon, colon]) }
        guard let gap else { return groups(text.utf8, mayEndInV4: true) == 8 }
        let left = groups(text.utf8[..<gap], mayEndInV4: false)
        let right = groups(text.utf8[gap...].dropFirst(2), mayEndInV4: true)
        guard let left, let right else { return false }
        // `::` stands for at least one group of zeros.
        return left + right <= 7
    }

    /// Number of 16-bit groups; nil when the text is invalid.
    private static func groups(_ text: Substring.UTF8View, mayEndInV4: Bool) -> Int? {
        if text.isEmpty { return 0 }
        var parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = parts.count
        if mayEndInV4, let last = parts.last, isV4(Substring(last)) {
            parts.removeLast()
            count += 1
        }
        return parts.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy(isHexadecimal) } ? count : nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
