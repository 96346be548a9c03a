import CMosquitto
import LinuxSystem
import Model

/// What precedes a connect, and may block.
extension MosquittoClient {
    enum Preparation {
        /// The broker's addresses, in digits; of a socket, its path.
        case ready([String])
        /// The reason, for people.
        case failed(String)
    }

    /// Reads the certificates and the password again, and looks up the broker's name. May block.
    func prepare() -> Preparation {
        if let problem = tls?.load() { return .failed(problem) }
        do throws(BrokerSettingsError) {
            mosquitto_username_pw_set(mosquitto, address.user, try address.readPassword())
        } catch {
            return .failed("\(error)")
        }
        if address.needsRelay { return prepareRelay() }
        switch address.endpoint {
        case .unix(let path): return .ready([path])
        case .tcp(let host, _):
            do throws(HostLookup.Failure) { return .ready(try HostLookup.addresses(of: host)) } catch {
                return .failed(error.reason)
            }
        }
    }

    private func prepareRelay() -> Preparation {
        relay = nil
        do throws(SystemError) {
            let relay = try Relay(to: address)
            self.relay = relay
            return .ready([relay.path])
        } catch {
            return .failed("\(error)")
        }
    }
}
