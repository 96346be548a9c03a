import JSONCodec
import MQTTTransport
package import Model
import ServiceSupport
package import Wire

extension Command: ControlCommand {}

extension Outcome: ControlOutcome {
    package var failure: Failure? {
        switch self {
        case .failed(let failure): failure
        // The answer has one error: the first.
        case .applied(let difference):
            difference.failed.first.map { Failure($0.failure.code, "\($0.id): \($0.failure.detail)") }
        default: nil
        }
    }

    /// The approximate size of a process entry, in bytes: the unit of `entryCount`.
    fileprivate static let entrySize = 256

    package var entryCount: Int {
        switch self {
        case .processes(let entries): entries.count
        case .pids(let pids): pids.count / 16
        case .log(let excerpt): 1 + excerpt.entryCount
        case .following(_, _, let history): 1 + (history?.entryCount ?? 0)
        // A spec may be as large as its request.
        case .process(_, let spec): 1 + spec.config.printed().count / Self.entrySize
        case .applied(let difference): 1 + difference.count / 16
        default: 1
        }
    }
}

extension LogExcerpt {
    fileprivate var entryCount: Int {
        let lines = [stdout, stderr, merged].compactMap(\.self).joined()
        return lines.reduce(0) { $0 + MemoryLayout<LogLine>.size + $1.text.utf8.count } / Outcome.entrySize
    }
}

extension CommandRunner: ControlService {
    func read(_ message: Message) -> (RequestHeader, Result<Command, Failure>) {
        let request = Request(message.payload.span, properties: message.properties)
        guard case .watch = Topic(message.topic), (try? request.command.get())?.isWatching == false else {
            return (request.header, request.command)
        }
        let failure = Failure(
            .notAllowed, "\(message.topic) takes only get_health, get_processes, follow_usage and unfollow_usage")
        return (request.header, .failure(failure))
    }

    func refusal(of header: RequestHeader) -> Failure? {
        if let name = header.hostName, name != host.description {
            return Failure(.wrongNode, "this is \(host), not the host that host_name says")
        }
        if let node = header.nodeID, node != host.description {
            return Failure(.wrongNode, "this is \(host), not the node that node_id says")
        }
        return nil
    }

    func encode(_ outcome: Outcome, to header: RequestHeader) -> ([UInt8], ContentType) {
        Response.encode(outcome, to: header)
    }

    func copyTopic(for header: RequestHeader) -> String? {
        // A request with one of these came through the hub, or may have. The response topic that the hub adds to one with
        // `node_id` is lost on a bridge of MQTT 3.1.1.
        header.hostName == nil && header.nodeID == nil ? nil : Topic.hub(.response).description
    }
}
