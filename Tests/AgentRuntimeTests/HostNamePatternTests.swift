import LinuxSystem
import Model
import ServiceSupport
import Testing

@testable import AgentRuntime

struct HostNamePatternTests {
    private let host = HostIdentity(name: "pi-4.lan", id: "0123456789abcdef0123456789abcdef")

    @Test(arguments: [
        (nil, "pi-4.lan"), ("box", "box"), ("%H", "pi-4.lan"), ("edge-%m", "edge-01234567"),
        ("%H-%m", "pi-4.lan-01234567"),
        ("localhost", "localhost"),
    ])
    func `a name is made from what tells the host apart`(text: String?, name: String) throws {
        #expect(try HostNamePattern(text).name(on: host).description == name)
    }

    @Test(arguments: ["", "%", "%x", "a%%b", "%H/x", "hub", "a b", "-%m"])
    func `what gives no name is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try HostNamePattern(text).name(on: host) }
    }

    @Test func `a host without a name of its own has no default`() {
        for name in ["localhost", "", "(none)"] {
            let host = HostIdentity(name: name, id: nil)
            #expect(throws: ConfigurationError.self) { try HostNamePattern(nil).name(on: host) }
            #expect(throws: ConfigurationError.self) { try HostNamePattern("%m").name(on: host) }
        }
    }
}
