import LinuxSystem
import Model

extension BrokerAddress {
    /// The settings that a configuration file may have beside the broker's URL. `password` has no command-line flag,
    /// because every local user can read arguments.
    package static let settings = [
        "user", "password", "password_file", "ca", "cert", "key", "server_name", "proxy", "proxy_user",
        "proxy_password_file", "no_proxy",
    ]

    /// Those of ``settings`` that are paths.
    package static let files: Set = ["password_file", "ca", "cert", "key", "proxy_password_file"]

    /// - Parameters:
    ///   - url: the broker's URL. It may not hold a password if it was a command-line argument.
    ///   - name: what to call the URL in an error.
    ///   - values: those of ``settings`` that are given.
    package init(
        _ url: String, isArgument: Bool, name: String = "the broker's URL", _ values: [String: String]
    ) throws(BrokerSettingsError) {
        do { try self.init(url) } catch { throw BrokerSettingsError("\(name) \(error)") }
        guard !isArgument || password == nil else {
            throw BrokerSettingsError("a password must not be an argument: use PM_BROKER, PM_PASSWORD or password_file")
        }
        user = values["user"] ?? user
        if let password = values["password"] {
            self.password = password
        } else if let path = values["password_file"] {
            passwordFile = Self.absolute(path)
            password = try Self.firstLine(of: path)
        }
        guard password == nil || user != nil else { throw BrokerSettingsError("a password is set, but no user") }
        proxy = try Self.proxy(values)
        guard proxy == nil || !isUnixSocket else { throw BrokerSettingsError("a proxy can't reach \(self)") }
        try encrypt(
            TLSFiles(
                authority: values["ca"], certificate: values["cert"], key: values["key"],
                serverName: values["server_name"]))
    }

    private static func proxy(_ values: [String: String]) throws(BrokerSettingsError) -> HTTPProxy? {
        guard let url = values["proxy"] else {
            let stray = ["proxy_user", "proxy_password_file", "no_proxy"].first { values[$0] != nil }
            if let stray { throw BrokerSettingsError("\(stray) is set, but no proxy") }
            return nil
        }
        return try HTTPProxy(
            url, user: values["proxy_user"], passwordFile: values["proxy_password_file"].map(absolute),
            exceptions: values["no_proxy"])
    }

    /// Nodes read the file, too, and have other working directories.
    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileSystem.resolved(path) ?? path
    }

    /// Those of ``settings`` that identify a client.
    package static let identity = ["user", "password_file", "cert", "key"]

    /// The same broker with the identity of another client. Nothing of this client's identity is taken over.
    ///
    /// - Parameter values: those of ``identity`` that are given.
    package func `as`(_ values: [String: String]) throws(BrokerSettingsError) -> BrokerAddress {
        var all = values
        all["ca"] = tls?.authority
        all["server_name"] = tls?.serverName
        for (name, value) in proxyValues { all[name] = value }
        return try BrokerAddress(description, isArgument: false, all)
    }

    /// The current password, read from ``passwordFile`` if there is one.
    package func readPassword() throws(BrokerSettingsError) -> String? {
        guard let passwordFile else { return password }
        return try Self.firstLine(of: passwordFile)
    }

    /// The first line of a file, without the byte order mark and the carriage return that some editors add.
    private static func firstLine(of path: String) throws(BrokerSettingsError) -> String {
        let bytes: [UInt8]
        do { bytes = try FileSystem.read(path, limit: Limits.payload) } catch {
            throw BrokerSettingsError("password_file: \(error)")
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var line = text.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw BrokerSettingsError("password_file: the first line of \(path) is empty") }
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func encrypt(_ files: TLSFiles) throws(BrokerSettingsError) {
        guard files != TLSFiles() else { return }
        // OpenSSL would accept any name for an empty one.
        guard files.serverName != "" else { throw BrokerSettingsError("server_name must not be empty") }
        guard tls != nil else {
            throw BrokerSettingsError("ca, cert, key and server_name are for a broker at mqtts:// or wss://")
        }
        guard (files.certificate == nil) == (files.key == nil) else {
            throw BrokerSettingsError("cert and key go together")
        }
        tls = files
    }

    private var proxyValues: [(name: String, value: String)] {
        let all = [
            ("proxy", proxy?.url), ("proxy_user", proxy?.user), ("proxy_password_file", proxy?.passwordFile),
            ("no_proxy", proxy?.exceptions),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    /// The settings that make this address again, by name. They include the password unless it is in a file.
    package var values: [(name: String, value: String)] {
        let all = [
            ("broker", description), ("user", user), ("password", passwordFile == nil ? password : nil),
            ("password_file", passwordFile), ("ca", tls?.authority),
            ("cert", tls?.certificate), ("key", tls?.key),
            ("server_name", tls?.serverName),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } } + proxyValues
    }
}

/// Why the broker's settings can't be used. The description is a complete sentence.
package struct BrokerSettingsError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
