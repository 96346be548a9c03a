import Glibc

/// Looks up host names (getaddrinfo(3)).
package enum HostLookup {
    /// Why a name has no address: a lower-case phrase.
    package struct Failure: Error, Equatable {
        package let reason: String
    }

    /// A host's addresses, in digits, in the order in which they should be tried. May block.
    ///
    /// `localhost` has both loopback addresses, whatever the name service says.
    ///
    package static func addresses(of host: String) throws(Failure) -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { freeaddrinfo(list) }
        let known = Loopback.isName(host) ? Loopback.addresses : []
        guard code == 0 || !known.isEmpty else {
            let reason = code == EAI_SYSTEM ? strerror(errno) : UnsafeMutablePointer(mutating: gai_strerror(code))
            throw Failure(reason: reason.map { String(cString: $0).lowercased() } ?? "lookup failed")
        }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            if let text = digits(of: entry) { addresses.append(text) }
            next = entry.ai_next
        }
        return addresses + known
    }

    private static func digits(of entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        return code == 0
            ? String(decoding: text.lazy.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self) : nil
    }
}
