import Glibc
import LinuxSystem
import TestSupport
import Testing

/// Probes of real servers, which run on the same loop.
@Suite struct ProbeTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoop() }

    @Test(arguments: ["127.0.0.1", "::1"]) func `a listening server is found`(address: String) throws {
        guard let server = try Server(address, on: loop) else { return }
        #expect(
            try failure { Probe.tcp(address, port: server.port, timeout: .seconds(20), on: loop, completion: $0) }
                == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func `a port without a server is refused`(address: String) throws {
        // The server is gone again, so its port is unused.
        guard let port = try Server(address, on: loop)?.port else { return }
        let failure = try failure { Probe.tcp(address, port: port, timeout: .seconds(20), on: loop, completion: $0) }
        #expect(failure == "connection refused")
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", nil), ("HTTP/1.0 399 x", nil), ("HTTP/1.1 302", nil),
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "http status 400"), ("HTTP/1.1 503\r\n", "http status 503"),
            ("HTTP/1.1 199\r\n", "http status 199"), ("", "no http answer"), ("HTTP/1.1 20", "no http answer"),
            ("HTTP/1.1 2x0 OK\r\n", "no http answer"), ("SSH-2.0-OpenSSH_9.2\r\n", "no http answer"),
        ] as [(String, String?)])
    func `an answer is judged by its status`(answer: String, expected: String?) throws {
        let server = try #require(try Server("127.0.0.1", answer: answer, on: loop))
        let found = try failure {
            Probe.http("127.0.0.1", port: server.port, path: "/a?b", timeout: .seconds(20), on: loop, completion: $0)
        }
        #expect(found == expected)
        let lines = server.request.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.first == "GET /a?b HTTP/1.0" && lines.contains("Host: 127.0.0.1:\(server.port)"))
    }

    @Test func `a server that accepts a connection but does not answer is too slow`() throws {
        let server = try #require(try Server("127.0.0.1", on: loop))
        let failure = try failure {
            Probe.http("127.0.0.1", port: server.port, path: "/", timeout: .milliseconds(50), on: loop, completion: $0)
        }
        #expect(failure == "timed out")
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func `one loopback address is enough for localhost`(address: String) throws {
        guard let server = try Server(address, on: loop) else { return }
        let failure = try failure {
            Probe.tcp("localhost", port: server.port, timeout: .seconds(20), on: loop, completion: $0)
        }
        #expect(failure == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func `a connection to localhost is made at either address`(address: String)
        throws
    {
        guard let server = try Server(address, on: loop) else { return }
        let connection = try Descriptor.connect(toHost: "localhost", port: UInt16(server.port), limit: 10)
        #expect(connection.number >= 0)
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [false, true]) func `one good answer is enough for localhost`(isSix: Bool) throws {
        // Another server has the same port of the other address.
        let good = "HTTP/1.1 200 OK\r\n\r\n", bad = "HTTP/1.1 503 Busy\r\n\r\n"
        guard let servers = try Server.pair(four: isSix ? bad : good, six: isSix ? good : bad, on: loop) else { return }
        let port = servers.six.port
        let failure = try failure {
            Probe.http("localhost", port: port, path: "/", timeout: .seconds(20), on: loop, completion: $0)
        }
        #expect(failure == nil)
        #expect((isSix ? servers.six : servers.four).request.contains("\r\nHost: localhost:\(port)\r\n"))
        withExtendedLifetime(servers) {}
    }

    @Test func `an address without an answer leaves time for the other one`() throws {
        guard let servers = try Server.pair(six: "HTTP/1.1 204 No Content\r\n\r\n", on: loop) else { return }
        let failure = try failure {
            Probe.http("localhost", port: servers.six.port, path: "/", timeout: .seconds(10), on: loop, completion: $0)
        }
        #expect(failure == nil)
        withExtendedLifetime(servers) {}
    }

    @Test func `both loopback addresses have one deadline`() throws {
        guard let servers = try Server.pair(on: loop) else { return }
        let failure = try failure {
            Probe.http(
                "localhost", port: servers.six.port, path: "/", timeout: .milliseconds(50), on: loop, completion: $0)
        }
        #expect(failure == "timed out")
        withExtendedLifetime(servers) {}
    }

    @Test func `the failure of localhost is one phrase, or one for each address`() throws {
        guard let six = try Server("::1", answer: "HTTP/1.1 503 Busy\r\n\r\n", on: loop) else { return }
        let port = six.port
        let one = try failure {
            Probe.http("localhost", port: port, path: "/", timeout: .seconds(20), on: loop, completion: $0)
        }
        #expect(one == "127.0.0.1: connection refused, ::1: http status 503")
        guard let gone = try Server("127.0.0.1", on: loop)?.port else { return }
        let both = try failure {
            Probe.tcp("localhost", port: gone, timeout: .seconds(20), on: loop, completion: $0)
        }
        #expect(both == "connection refused")
    }

    @Test(arguments: ["example.org", "", "1.2.3", "::1%lo"]) func `a name is no address`(address: String) throws {
        let failure = try failure { Probe.tcp(address, port: 1, timeout: .seconds(20), on: loop, completion: $0) }
        #expect(failure == "not an IP address: \(address)")
    }

    @Test func `releasing a probe cancels it and closes its descriptor`() throws {
        let server = try #require(try Server("127.0.0.1", on: loop))
        var probe: Probe? = Probe.tcp("127.0.0.1", port: server.port, timeout: .milliseconds(20), on: loop) { failure in
            Issue.record("completed with \(failure ?? "success")")
        }
        #expect(probe != nil)
        probe = nil
        loop.after(.milliseconds(40)) { loop.stop() }
        try loop.run()
    }

    /// The failure that a probe reports; nil: success.
    private func failure(_ start: (@escaping Probe.Completion) -> Probe) throws -> String? {
        var results: [String?] = []
        let probe = start { failure in
            results.append(failure)
            loop.stop()
        }
        #expect(results.isEmpty)
        loop.after(.seconds(30)) { loop.stop() }
        try loop.run()
        withExtendedLifetime(probe) {}
        #expect(results.count == 1)
        return results.first ?? "never completed"
    }
}
