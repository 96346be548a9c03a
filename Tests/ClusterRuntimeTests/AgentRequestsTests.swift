import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Testing
import UnitSupport
import Wire

@testable import ClusterRuntime

/// Requests to agents, without a broker.
struct AgentRequestsTests {
    private let publisher = FakePublisher()
    private let requests: AgentRequests
    private let host: HostName

    init() throws {
        requests = AgentRequests(publisher)
        host = try #require(HostName("h1"))
    }

    private func sent() throws -> [JSON] {
        try publisher.take().map { try JSON.parse($0.payload.span, sizeLimit: Limits.payload, nestingLimit: 8) }
    }

    private func answer(_ id: String, _ result: String) {
        let text = #"{"id":"\#(id)","result":\#(result)}"#
        requests.received(MQTTTransport.Message(topic: requests.inbox, payload: Array(text.utf8)))
    }

    private static func expired(_ clock: Double) -> String {
        #"{"status":"failed","message":"x","error":{"code":"expired","detail":"expired","clock":\#(clock)}}"#
    }

    @Test func `a request that is sent again is equal, byte for byte`() throws {
        let id = requests.send(.getHealth, [:], to: host) { _ in }
        let first = publisher.take().map(\.payload)
        requests.sendAgain(id)
        #expect(publisher.take().map(\.payload) == first)
        answer(id, #"{"status":"success"}"#)
        requests.sendAgain(id)
        #expect(publisher.take().isEmpty)
    }

    @Test func `a host with another clock is asked once more, and from then on by its clock`() throws {
        let hostTime = WallClock.now - 5_000
        var results: [Result<JSON, Failure>] = []
        let id = requests.send(.getHealth, [:], to: host) { results.append($0) }
        let first = try #require(try sent().first?["timestamp"]?.number)
        #expect(first - hostTime >= 4_999)
        answer(id, Self.expired(hostTime))
        let second = try #require(try sent().first)
        #expect(abs(try #require(second["timestamp"]?.number) - hostTime) < 60 && second["id"]?.string == id)
        #expect(results.isEmpty)
        answer(id, #"{"status":"success"}"#)
        #expect(results.count == 1)
        requests.send(.getHealth, [:], to: host) { _ in }
        #expect(abs(try #require(try sent().first?["timestamp"]?.number) - hostTime) < 60)
    }

    @Test func `a request that is refused as expired twice has failed`() {
        var codes: [ErrorCode] = []
        let id = requests.send(.getHealth, [:], to: host) { result in
            if case .failure(let failure) = result { codes.append(failure.code) }
        }
        for _ in 1...2 { answer(id, Self.expired(0)) }
        #expect(codes == [.expired])
    }
}
