import MQTTTransport

/// The description of a broker's address, which is logged, is parsed to the same address and contains no password.
enum AddressFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let text = String(validating: bytes, as: UTF8.self), let address = try? BrokerAddress(text) else {
            return
        }
        try checkAgain(address)
        if address.password == nil { return }
        // The description must not depend on the credentials.
        var silent = address
        silent.password = nil
        silent.user = nil
        try hold(silent.description == address.description, "\(text) is shown with its credentials")
    }

    static func checkAgain(_ address: BrokerAddress) throws(Violation) {
        let settings = address.values.filter { $0.name != "broker" }
        let values = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
        let again = try? BrokerAddress(address.description, isArgument: false, values)
        try hold(again == address, "\(address) is parsed to another address than \(address.endpoint)")
        switch address.endpoint {
        case .tcp(let host, let port):
            try hold(!host.isEmpty && (1...65_535).contains(port), "no host or no port")
        case .unix(let path): try hold(path.utf8.first == UInt8(ascii: "/"), "no absolute path")
        }
    }
}
