import LinuxSystem
import Model

extension BrokerAddress {
    /// What a configuration file may say beside the broker's URL. `password` is for files alone: nobody else may read those.
    package static let settings = ["user", "password", "password_file", "ca", "cert", "key", "server_name"]

    /// - Parameters:
    ///   - url: where the broker is; as an argument it may hold no password, as all on this machine can read it there.
    ///   - name: what the URL is called where it comes from.
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
            // Nodes read it as well, from wherever they are.
            passwordFile = path.hasPrefix("/") ? path : FileSystem.resolved(path) ?? path
            password = try Self.firstLine(of: path)
        }
        guard password == nil || user != nil else { throw BrokerSettingsError("a password is set, but no user") }
        try encrypt(
            TLSFiles(
                authority: values["ca"], certificate: values["cert"], key: values["key"],
                serverName: values["server_name"]))
    }

    /// Those of ``settings`` that say who somebody is.
    package static let identity = ["user", "password_file", "cert", "key"]

    /// The same broker for somebody else, of whom nothing is taken over.
    ///
    /// - Parameter values: those of ``identity`` that are given.
    package func `as`(_ values: [String: String]) throws(BrokerSettingsError) -> BrokerAddress {
        var all = values
        all["ca"] = tls?.authority
        all["server_name"] = tls?.serverName
        return try BrokerAddress(description, isArgument: false, all)
    }

    /// The password as it is now.
    package func readPassword() throws(BrokerSettingsError) -> String? {
        guard let passwordFile else { return password }
        return try Self.firstLine(of: passwordFile)
    }

    private static func firstLine(of path: String) throws(BrokerSettingsError) -> String {
        do {
            let line = try FileSystem.read(path, limit: Limits.payload).prefix { $0 != UInt8(ascii: "\n") }
            return String(decoding: line, as: UTF8.self)
        } catch {
            throw BrokerSettingsError("password_file: \(error)")
        }
    }

    private mutating func encrypt(_ files: TLSFiles) throws(BrokerSettingsError) {
        guard files != TLSFiles() else { return }
        // An empty name would be any.
        guard files.serverName != "" else { throw BrokerSettingsError("server_name must not be empty") }
        guard tls != nil else {
            throw BrokerSettingsError("ca, cert, key and server_name are for a broker at mqtts://")
        }
        guard (files.certificate == nil) == (files.key == nil) else {
            throw BrokerSettingsError("cert and key go together")
        }
        tls = files
    }

    /// What makes this address again, by setting; it holds the password, unless that is in a file.
    package var values: [(name: String, value: String)] {
        let all = [
            ("broker", description), ("user", user), ("password", passwordFile == nil ? password : nil),
            ("password_file", passwordFile), ("ca", tls?.authority),
            ("cert", tls?.certificate), ("key", tls?.key),
            ("server_name", tls?.serverName),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// Why the broker's settings can't be used, as a sentence of its own.
package struct BrokerSettingsError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
