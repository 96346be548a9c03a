import JSONCodec
import LinuxSystem
import MQTTTransport
import Model

/// The broker settings that nodes and guests get from this agent.
extension BrokerAddress {
    var target: StreamTarget {
        switch endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// The settings with which a guest connects to this broker. A guest can't read the host's files, so their contents
    /// are included.
    func forGuest() throws(Failure) -> GuestBroker {
        guard !needsRelay else {
            throw Failure(.driverUnavailable, "VMs can't reach a broker at a WebSocket or behind a proxy")
        }
        var guest = GuestBroker()
        guest.settings["user"] = user
        try add(passwordTo: &guest)
        guard let tls, case .tcp(let host, _) = endpoint else { return guest }
        guard let authority = tls.authority else {
            throw Failure(.driverUnavailable, "guests can't trust a broker at mqtts:// without the setting ca")
        }
        guest.isEncrypted = true
        guest.settings["server_name"] = tls.serverName ?? host
        let files = [("ca", authority), ("cert", tls.certificate), ("key", tls.key)]
        for case (let name, let path?) in files {
            let inner = "/run/pmqtt/\(name).pem"
            do throws(SystemError) {
                guest.files[inner] = String(decoding: try FileSystem.read(path, limit: Limits.pemFile), as: UTF8.self)
            } catch {
                throw Failure(.driverUnavailable, "\(error)")
            }
            guest.settings[name] = inner
            guest.sources[inner] = path
        }
        return guest
    }

    private func add(passwordTo guest: inout GuestBroker) throws(Failure) {
        do throws(BrokerSettingsError) {
            guard let password = try readPassword() else { return }
            let inner = "/run/pmqtt/password"
            guest.settings["password_file"] = inner
            guest.files[inner] = "\(password)\n"
            guest.sources[inner] = passwordFile
        } catch {
            throw Failure(.driverUnavailable, "\(error)")
        }
    }

    /// The address as settings, for the configuration of a node on this host.
    var members: [JSON.Member] { values.map { JSON.Member($0.name, .string($0.value)) } }
}
