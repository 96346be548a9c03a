import ServiceSupport
import JSONCodec
import MQTTTransport
package import Model
import Wire

extension ClusterCommand: ControlCommand {}

extension ClusterOutcome: ControlOutcome {
    package var failure: Failure? { if case .failed(let failure) = self { failure } else { nil } }

    package var entryCount: Int {
        switch self {
        case .instances(_, let entries), .orphans(let entries): entries.count
        default: 1
        }
    }
}

/// The service behind one control topic, `pm/cluster/node/control` or `pm/cluster/vm/control`: decodes requests, has
/// ``Instances`` execute them, and encodes the answers.
struct ClusterControl: ControlService {
    let kind: InstanceKind
    unowned let instances: Instances

    func read(_ message: Message) -> (RequestHeader, Result<ClusterCommand, Failure>) {
        ClusterCommand.read(message.payload.span, properties: message.properties, kind: kind)
    }

    func encode(_ outcome: ClusterOutcome, to header: RequestHeader) -> ([UInt8], ContentType) {
        ClusterResponse.encode(outcome, to: header, kind: kind)
    }

    func execute(_ command: ClusterCommand, from message: Message, reply: @escaping Instance.Reply) {
        switch command {
        case .create(let request): instances.create(request, message, reply: reply)
        case .remove(let removal): instances.remove(removal, message, reply: reply)
        case .reset(let kind, let id): instances.reset(kind, id, message, reply: reply)
        case .run(let id, let config): instances.run(config, on: id, message, reply: reply)
        case .getHealth(let kind):
            reply(.health(instances.report.health(of: kind, interval: instances.configuration.healthInterval)))
        case .listOrphans(let kind): reply(.orphans(instances.report.orphanEntries(of: kind)))
        case .adopt(let adoption): instances.adopt(adoption, reply: reply)
        case .confirm(let kind): instances.confirm(kind, reply: reply)
        case .list(let kind): reply(.instances(kind, instances.report.entries(of: kind)))
        }
    }
}
