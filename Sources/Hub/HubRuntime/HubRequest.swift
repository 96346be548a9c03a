import Glibc
import JSONCodec
import Model
import Routing
import Wire

/// A message on `pm/hub/control`: decides where it is routed, or how the hub answers it.
struct HubRequest {
    private let message: any IncomingMessage
    /// Host of the previous request while the registry is unchanged: requests tend to come in bursts for one host.
    private let latest: HostName?
    private var parsed: RequestHeader?

    init(_ message: any IncomingMessage, latest: HostName?) {
        self.message = message
        self.latest = latest
    }

    /// The member that names the host.
    enum Key { case hostName, nodeID }

    enum Decision {
        case route(HostName, Key)
        case answer(OutgoingMessage)
    }

    /// - Parameter time: seconds since the epoch.
    mutating func decide(_ registry: HostRegistry, at time: @autoclosure () -> Double) -> Decision {
        scan(registry) ?? parse(registry, at: time())
    }

    /// The header. It is parsed only once, because a request may be refused for several reasons.
    mutating func header() -> RequestHeader {
        if let parsed { return parsed }
        let header = RequestHeader.parse(message.payload.span, properties: message.properties).0
        parsed = header
        return header
    }

    /// The answer that refuses this request.
    ///
    /// - Parameter isPrivate: whether it goes to the requester's reply topic.
    mutating func refusal(_ failure: Failure, isPrivate: Bool = true) -> OutgoingMessage {
        let header = header()
        return OutgoingMessage(
            to: header, Response.encode(hubRefusal: failure, to: header), qos: message.qos, isPrivate: isPrivate)
    }

    /// Routes a usual request without parsing all of it; the agent parses it anyway. Nil when that is not possible.
    private func scan(_ registry: HostRegistry) -> Decision? {
        let payload = message.payload
        guard payload.count <= Limits.payload else { return nil }
        let match = TopLevelScan.string("host_name", or: "node_id", in: payload.span, nestingLimit: Limits.nesting)
        switch match {
        case nil: return nil
        case .first(let range): return route(payload.extracting(range), .hostName, registry)
        case .second(let range): return route(payload.extracting(range), .nodeID, registry)
        }
    }

    private func route(_ name: UnsafeBufferPointer<UInt8>, _ key: Key, _ registry: HostRegistry) -> Decision? {
        guard name.count <= Limits.nameLength else { return nil }
        if let latest, isSpelling(name, of: latest) { return .route(latest, key) }
        return (try? registry.route(String(decoding: name, as: UTF8.self))).map { .route($0, key) }
    }

    private func isSpelling(_ name: UnsafeBufferPointer<UInt8>, of host: HostName) -> Bool {
        host.description.utf8.span.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let other = name.baseAddress else { return false }
            return bytes.count == name.count && memcmp(start, other, bytes.count) == 0
        }
    }

    private mutating func parse(_ registry: HostRegistry, at time: Double) -> Decision {
        let (header, json) = RequestHeader.parse(message.payload.span, properties: message.properties)
        parsed = header
        do throws(Failure) {
            if let refusal = header.refusal { throw refusal }
            if let name = header.hostName { return .route(try registry.route(name), .hostName) }
            if let name = header.nodeID { return .route(try registry.route(name), .nodeID) }
            if let ambiguity = json.flatMap(Dialect.ambiguity) { throw ambiguity }
            guard header.dialect == .blueZero(.listHosts) else {
                throw Failure(.missingArgument, "missing host_name")
            }
            if let timestamp = header.timestamp, time - timestamp > Limits.requestTTL {
                throw Failure(.expired, "expired")
            }
            guard json?[BlueZeroCommand.listHosts.rawValue]?.members != nil else {
                throw Failure(.invalidArgument, "list_hosts must be an object")
            }
            return .answer(
                OutgoingMessage(to: header, Response.encode(hosts: registry.hosts, to: header), qos: message.qos))
        } catch {
            return .answer(refusal(error))
        }
    }
}
