import JSONCodec
package import Model

/// Encodes answers of pm-cluster.
package enum ClusterResponse {
    /// Payload and content type of the answer to a request.
    package static func encode(
        _ outcome: ClusterOutcome, to header: RequestHeader, kind: InstanceKind
    ) -> ([UInt8], ContentType) {
        guard case .method(let name) = header.dialect else {
            guard case .failed(let failure) = outcome else { return ([], .json) }
            return Response.encode(.failed(failure), to: header)
        }
        let method = name.flatMap { ClusterMethod($0, kind) }
        let result: [JSON.Member]
        if case .failed(let failure) = outcome {
            let message = method?.failureMessage ?? Method.failureMessage(for: name.map { _ in "" })
            result = [
                .init("status", "failed"), .init("message", .string(message)), .init("error", failure.json),
            ]
        } else {
            let message = method?.successMessage.map { [JSON.Member("message", .string($0))] } ?? []
            result = [.init("status", "success")] + message + outcome.members + header.ignoredMember
        }
        let id = header.id.map { [JSON.Member("id", $0.json)] } ?? []
        let members: [JSON.Member] = [.init("request", header.echo.json), .init("result", .object(result))]
        return (JSON.object(members + id).printed(), .json)
    }
}

extension ClusterOutcome {
    fileprivate var members: [JSON.Member] {
        switch self {
        case .nodeCreated(let id, let host):
            [.init("node_id", .string(id.description)), .init("host", .string(host.description))]
        case .vmAllocated(let id, let host, let process):
            [.init("vm_id", .string(id.description)), .init("host", .string(host.description))] + process.members
        case .processStarted(let id, let pid): InstanceProcess(id: id, pid: pid).members
        case .removed, .reset, .confirmed, .failed: []
        case .orphans(let entries): [.init("orphans", .array(entries.map(\.json)))]
        case .adopted(let kind, let id, let host):
            [.init("\(kind.rawValue)_id", .string(id.description)), .init("host", .string(host.description))]
        case .health(let health): health.members
        case .instances(.node, let entries): [.init("nodes", .array(entries.map(\.json)))]
        case .instances(.vm, let entries): [.init("process", .array(entries.map(\.json)))]
        }
    }
}
