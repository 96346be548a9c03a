import Glibc
import MQTTTransport
import TestSupport
import Testing

/// The settings beside the broker's URL.
struct BrokerSettingsTests {
    private func address(
        _ url: String, isArgument: Bool = false, _ values: [String: String] = [:]
    ) throws -> BrokerAddress { try BrokerAddress(url, isArgument: isArgument, values) }

    @Test func `user and password settings override those in the URL`() throws {
        let address = try address("mqtt://a:b@h", ["user": "c", "password": "d"])
        #expect(address.user == "c" && address.password == "d")
    }

    @Test func `the first line of a file is the password`() throws {
        let folder = try TemporaryFolder()
        try folder.write("  p w \nnot this\n", to: "password")
        let file = ["user": "u", "password_file": "\(folder.path)/password"]
        #expect(try address("mqtt://h", file).password == "  p w ")
        #expect(try address("mqtt://h", file.merging(["password": "x"]) { $1 }).password == "x")
    }

    @Test(arguments: [
        ("pw\r\nx", "pw"), ("\u{FEFF}pw\n", "pw"), ("\u{FEFF}pw\r\n", "pw"), ("pw\r", "pw"), ("p\rw", "p\rw"),
        ("pw\r\r\n", "pw\r"),
    ])
    func `what editors add is not part of the password`(text: String, password: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "password")
        let file = ["user": "u", "password_file": "\(folder.path)/password"]
        #expect(try address("mqtt://h", file).password == password)
    }

    @Test(arguments: ["", "\n", "\r\n", "\npw", "\u{FEFF}\n"])
    func `an empty first line is no password`(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "password")
        let path = "\(folder.path)/password"
        let error = #expect(throws: BrokerSettingsError.self) {
            try address("mqtt://h", ["user": "u", "password_file": path])
        }
        #expect(error?.description == "password_file: the first line of \(path) is empty")
    }

    @Test func `a password file is read when needed, and a changed password leaves the address equal`() throws {
        let folder = try TemporaryFolder()
        try folder.write("old\n", to: "password")
        let values = ["user": "u", "password_file": "\(folder.path)/password"]
        let before = try address("mqtt://h", values)
        try folder.write("new", to: "password")
        let after = try address("mqtt://h", values)
        #expect(before == after && before.password == "old" && after.password == "new")
        #expect(try before.readPassword() == "new")
        #expect(before.values.map(\.name) == ["broker", "user", "password_file"])
        #expect(
            try address("mqtt://h", ["user": "u", "password": "a"])
                != address("mqtt://h", ["user": "u", "password": "b"]))
        #expect(unlink("\(folder.path)/password") == 0)
        #expect(throws: BrokerSettingsError.self) { try before.readPassword() }
    }

    @Test func `an address with another identity takes over nothing of the first identity`() throws {
        let own = ["user": "box", "password": "secret", "ca": "/ca", "cert": "/c", "key": "/k", "server_name": "b"]
        let guest = try address("mqtts://h", own).as(["user": "guests"])
        #expect(guest.values.map(\.name) == ["broker", "user", "ca", "server_name"])
        #expect(guest.user == "guests" && guest.endpoint == .tcp(host: "h", port: 8883))
        let certified = try address("mqtts://h", own).as(["cert": "/gc", "key": "/gk"])
        #expect(certified.user == nil && certified.tls?.certificate == "/gc" && certified.tls?.authority == "/ca")
        #expect(throws: BrokerSettingsError.self) { try address("mqtts://h", own).as(["cert": "/gc"]) }
    }

    @Test(arguments: [
        ("mqtt://h", ["ca": "/ca"], "ca, cert, key and server_name are for a broker at mqtts:// or wss://"),
        ("unix:///b", ["key": "/k"], "ca, cert, key and server_name are for a broker at mqtts:// or wss://"),
        ("mqtts://h", ["server_name": ""], "server_name must not be empty"),
        ("mqtts://h", ["cert": "/c"], "cert and key go together"),
        ("mqtts://h", ["key": "/k"], "cert and key go together"),
        ("mqtt://h", ["password": "p"], "a password is set, but no user"),
        ("mqtt://h", ["password_file": "/no/such"], "password_file: open /no/such: no such file or directory"),
        ("nonsense", [:], "the broker's URL is no URL: it has no ://"),
    ])
    func `settings that contradict each other are refused`(url: String, values: [String: String], reason: String) {
        #expect {
            try address(url, values)
        } throws: {
            "\($0)" == reason
        }
    }

    @Test func `a password is refused as an argument, and is not in the error`() throws {
        #expect {
            try address("mqtt://u:secret@h", isArgument: true)
        } throws: {
            !"\($0)".contains("secret")
        }
        #expect(try address("mqtt://u@h", isArgument: true, ["password": "p"]).password == "p")
    }

    @Test func `the values of an address make the same address`() throws {
        let files = ["ca": "/ca", "cert": "/c", "key": "/k", "user": "u:@", "password": "%p"]
        let address = try address("mqtts://h:1", files)
        var values = Dictionary(uniqueKeysWithValues: address.values.map { ($0.name, $0.value) })
        let url = values.removeValue(forKey: "broker")
        #expect(try BrokerAddress(url ?? "", isArgument: false, values) == address)
    }
}
