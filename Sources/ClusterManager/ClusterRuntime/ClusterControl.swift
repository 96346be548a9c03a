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

/// The control topic of nodes or of VMs.
final class ClusterControl {
    typealias Endpoint = ControlEndpoint<ClusterCommand, ClusterOutcome>

    private let endpoint: Endpoint

    var quotas: Quotas {
        get { endpoint.quotas }
        set { endpoint.quotas = newValue }
    }

    init(_ kind: InstanceKind, instances: Instances, session: Session, quotas: Quotas, audit: AuditLog) {
        let responder = Responder<ClusterOutcome>(topic: .clusterResponse(kind), session: session) {
            ClusterResponse.encode($0, to: $1, kind: kind)
        }
        endpoint = Endpoint(
            quotas: quotas, audit: audit,
            read: { ClusterCommand.read($0.payload.span, properties: $0.properties, kind: kind) },
            responder: responder,
            execute: { [unowned instances] in Self.run($0, $1, instances, reply: $2) })
    }

    func handle(_ message: Message) { endpoint.handle(message) }

    func refuse(_ message: Message, _ failure: Failure) { endpoint.refuse(message, failure) }

    func resume(_ request: PendingRequest) -> Instance.Reply { endpoint.resume(request.message) }

    private static func run(
        _ command: ClusterCommand, _ message: Message, _ instances: Instances, reply: @escaping Instance.Reply
    ) {
        switch command {
        case .create(let request): instances.create(request, message, reply: reply)
        case .remove(let removal): instances.remove(removal, message, reply: reply)
        case .reset(let kind, let id): instances.reset(kind, id, message, reply: reply)
        case .run(let id, let config): instances.run(config, on: id, message, reply: reply)
        case .getHealth(let kind): reply(.health(instances.health(of: kind)))
        case .listOrphans(let kind): reply(.orphans(instances.orphanEntries(of: kind)))
        case .adopt(let adoption): instances.adopt(adoption, reply: reply)
        case .confirm(let kind): instances.confirm(kind, reply: reply)
        case .list(let kind): reply(.instances(kind, instances.entries(of: kind)))
        }
    }
}
