import Model
import Testing

struct ClientIDTests {
    @Test(arguments: [
        ("pm-agent-box", "box"), ("pm-agent-pm-agent-a", "pm-agent-a"), ("pm-agent-a.b_c-1", "a.b_c-1"),
    ])
    func `an agent's id stands for its host`(id: String, host: String) throws {
        let host = try #require(HostName(host))
        #expect(ClientID.part(of: id) == .host(host) && ClientID.agent(of: host) == id)
    }

    @Test(arguments: [
        ("pm-cluster", "cluster"), ("pm-cluster-", "cluster"), ("pm-cluster-x-y", "cluster"), ("pm-hub", "hub"),
        ("pm-gateway-1", "gateway"), ("pm-agent", "agent"),
    ])
    func `a service's id begins with its name`(id: String, name: String) throws {
        #expect(ClientID.part(of: id) == .service(try #require(Name(name))))
    }

    @Test(arguments: [
        "pm-", "pm--", "pm-+", "pm-#-x", "pm-a/b", "pm- ", "pm-agent-", "pm-agent-hub", "pm-agent-cluster",
        "pm-agent-+",
        "pm-agent-a/b", "pm-agent-%u", "pm-agent-\(String(repeating: "a", count: 64))", "pm-\u{212A}",
    ])
    func `an id with the prefix that no daemon uses is reserved, too`(id: String) {
        #expect(ClientID.part(of: id) == .unknown)
    }

    @Test(arguments: ["", "pm", "pmctl-1", "PM-cluster", "xpm-cluster", " pm-cluster", "auto-1"])
    func `other ids are not reserved`(id: String) { #expect(ClientID.part(of: id) == nil) }

    @Test func `pm-cluster has another id at each start`() throws {
        let id = ClientID.cluster()
        #expect(ClientID.part(of: id) == .service(try #require(Name("cluster"))) && id != ClientID.cluster())
    }
}
