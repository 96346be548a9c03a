import Testing

@testable import MQTTTransport

struct BrokerRoutesTests {
    private func round(_ routes: inout BrokerRoutes, _ addresses: [String]) -> [String] {
        routes.begin(addresses)
        var tried: [String] = []
        while let next = routes.next() {
            tried.append(next)
            routes.failed("reason of \(next)")
        }
        return tried
    }

    @Test func `each address is tried once, in the order of the lookup`() {
        var routes = BrokerRoutes()
        #expect(round(&routes, ["a", "b", "a", "c"]) == ["a", "b", "c"])
        #expect(routes.reason == "a: reason of a, b: reason of b, c: reason of c")
    }

    @Test func `the address of the latest connection is tried first`() {
        var routes = BrokerRoutes()
        routes.begin(["a", "b", "c"])
        _ = routes.next()
        routes.failed("x")
        _ = routes.next()
        routes.connected()
        #expect(round(&routes, ["a", "b", "c"]) == ["b", "a", "c"])
        #expect(round(&routes, ["a", "c"]) == ["a", "c"])
    }

    @Test func `a reason that all addresses share is said once`() {
        var routes = BrokerRoutes()
        routes.begin(["a", "b"])
        while routes.next() != nil { routes.failed("connection refused") }
        #expect(routes.reason == "connection refused")
        routes.begin([])
        #expect(routes.next() == nil)
        #expect(routes.reason == "the broker's name has no address")
    }
}
