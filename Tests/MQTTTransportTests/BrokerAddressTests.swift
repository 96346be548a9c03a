import MQTTTransport
import Testing

struct BrokerAddressTests {
    @Test(arguments: [
        ("mqtt://h", "h", 1883), ("mqtt://h/", "h", 1883), ("mqtt://h:1", "h", 1), ("mqtt://h:65535", "h", 65535),
        ("mqtt://127.0.0.1:1884/", "127.0.0.1", 1884), ("mqtt://[::1]", "::1", 1883),
        ("mqtt://[fe80::1%25eth0]:1884", "fe80::1%eth0", 1884),
        ("mqtt://my-broker.example.com:8883", "my-broker.example.com", 8883), ("mqtt://user@h", "h", 1883),
        ("mqtt://a:b@c@h:2", "h", 2), ("mqtt://%68", "h", 1883),
    ])
    func `the host and port of a URL are read`(url: String, host: String, port: Int) throws {
        #expect(try BrokerAddress(url).endpoint == .tcp(host: host, port: port))
    }

    @Test(arguments: [
        ("unix:///a", "/a"), ("unix:///run/b.sock", "/run/b.sock"), ("unix:///a%20b", "/a b"), ("unix:///é", "/é"),
    ])
    func `the path of a UNIX socket is read`(url: String, path: String) throws {
        #expect(try BrokerAddress(url).endpoint == .unix(path: path))
    }

    @Test(
        arguments: [
            ("mqtt://h", nil, nil), ("mqtt://u@h", "u", nil), ("mqtt://u:p@h", "u", "p"), ("mqtt://u:@h", "u", ""),
            ("mqtt://u:p:q@h", "u", "p:q"), ("mqtt://u%40x:%3a%2F%25@h", "u@x", ":/%"), ("unix:///u:p@h", nil, nil),
        ] as [(String, String?, String?)])
    func `credentials are read`(url: String, user: String?, password: String?) throws {
        let address = try BrokerAddress(url)
        #expect(address.user == user && address.password == password)
        #expect(address.description.contains("p:q") == false, "a description, which is logged, holds no password")
        #expect(!address.description.contains("@") || address.user == nil)
    }

    @Test(arguments: [
        "", "h", "h:1883", "//h", "://h", "mqtt:h", "mqtt:/h", "mqtt://", "mqtt:///", "mqtt://:1883", "mqtt://u@",
        "mqtt://h:", "mqtt://h:0",
        "mqtt://h:65536", "mqtt://h:-1", "mqtt://h:+1", "mqtt://h:x", "mqtt://h: 1", "mqtt://h:1:2", "mqtt://h/path",
        "mqtt://[::1", "mqtt://[]",
        "mqtt://[::1]x", "mqtt://[::1]1883", "mqtt://%", "mqtt://%4", "mqtt://%zz", "mqtt://%+1", "mqtt://%00",
        "mqtt://u%:p@h",
        "unix://", "unix:///", "unix://a", "unix:/a", "unix:///a%00", "unix:///a\0", "mqtts://", "http://h", "MQTT://h",
        " mqtt://h",
        "tcp://h",
    ])
    func `any other URL is refused`(url: String) {
        #expect(throws: InvalidBrokerAddress.self) { try BrokerAddress(url) }
    }

    @Test func `TLS has a port and a scheme of its own`() throws {
        let address = try BrokerAddress("mqtts://u@h")
        #expect(address.endpoint == .tcp(host: "h", port: 8883) && address.tls == TLSFiles())
        #expect(address.description == "mqtts://h:8883")
        #expect(try BrokerAddress("mqtt://h").tls == nil)
    }

    @Test(arguments: [
        "mqtt://h:1884", "mqtts://h:8884", "mqtt://[::1]:1883", "unix:///run/b.sock", "mqtt://a%40b%2F%25:1883",
        "unix:///100%25/%CC%81%0A",
    ])
    func `an address is described by its URL`(
        url: String
    ) throws { #expect(try BrokerAddress(url).description == url) }
}
