import Glibc

/// What tells this host apart from others.
package struct HostIdentity: Sendable {
    /// The name that its system has (gethostname(2)).
    package let name: String
    /// The content of /etc/machine-id: 32 hexadecimal digits (machine-id(5)); nil if there are none.
    package let id: String?

    package init(name: String, id: String?) {
        self.name = name
        self.id = id
    }

    package static var present: HostIdentity {
        var bytes = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        gethostname(&bytes, bytes.count)
        let name = String(decoding: bytes.lazy.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self)
        let id = FileSystem.firstLine(of: "/etc/machine-id") ?? ""
        let isID = id.utf8.count == 32 && id.allSatisfy(\.isHexDigit)
        return HostIdentity(name: name, id: isID ? id : nil)
    }
}
