import LinuxSystem
import MQTTTransport
import Model

/// Whether the broker can be reached: its name, TCP, then TLS and the login.
struct BrokerCheck {
    let address: BrokerAddress
    /// What says which broker is used.
    let origin: String
    /// Seconds for each step.
    let patience: Double

    private static let subject = "broker"

    /// The name and TCP. A relay does both itself, for a WebSocket or a proxy.
    func reach() -> [Finding] {
        switch address.endpoint {
        case .unix(let path): return [reach { () throws(SystemError) in try Descriptor.connect(toSocket: path) }]
        case .tcp(let host, let port):
            guard !address.needsRelay else { return [] }
            let addresses: [String]
            do throws(HostLookup.Failure) { addresses = try HostLookup.addresses(of: host) } catch {
                return [
                    .error(
                        Self.subject, "the name \(host) has no address: \(error.reason)",
                        "look at the spelling, at DNS and at /etc/hosts; the broker is that of \(origin)")
                ]
            }
            let name = addresses.contains(host) ? [] : [named(host, addresses)]
            return name
                + [
                    reach { () throws(SystemError) in
                        try Descriptor.connect(toHost: host, port: UInt16(clamping: port), limit: patience)
                    }
                ]
        }
    }

    private func named(_ host: String, _ addresses: [String]) -> Finding {
        .ok(Self.subject, "the name \(host) is \(addresses.prefix(4).joined(separator: ", "))")
    }

    private func reach(_ connect: () throws(SystemError) -> Descriptor) -> Finding {
        do throws(SystemError) { _ = try connect() } catch {
            let advice =
                address.isUnixSocket
                ? "start the broker there, or look at who may use the socket"
                : "start the broker there, open the port in its firewall, or set the right URL (\(origin))"
            return .error(Self.subject, "nothing can be reached at \(address): \(error.reason)", advice)
        }
        return .ok(Self.subject, "\(address) accepts connections (\(origin))")
    }

    /// Why the broker did not let pmctl in.
    ///
    /// - Parameter reason: the error of the connection.
    func refusal(_ reason: String) -> Finding {
        if reason.hasPrefix("the broker refuses") {
            return .error(
                "login", reason,
                "look at user and password (--broker-user, --password-file, or pmctl context); on the broker's host, "
                    + "broker/user.sh add makes an account")
        }
        if address.tls != nil {
            return .error(
                "TLS", reason,
                "give the broker's CA with --ca (PM_CA), and use the name that is in its certificate")
        }
        return .error(
            "login", reason, "if the broker wants TLS, its URL begins with mqtts://; its log may say more")
    }

    /// What the open connection shows.
    func loggedIn() -> [Finding] {
        let name = address.user.map { "as \($0)" } ?? "without a user name"
        var findings: [Finding] = [.ok("login", "logged in \(name)\(address.tls == nil ? "" : ", with TLS")")]
        if let exposure = address.exposure {
            findings.append(.warning("login", exposure, "set up TLS: docs/security.md"))
        } else if address.user == nil, !address.isLocal {
            findings.append(
                .warning(
                    "login", "the broker lets clients in without a user name",
                    "all who reach it can start programs on every host: use the hardened broker, docs/security.md"))
        }
        return findings
    }
}
