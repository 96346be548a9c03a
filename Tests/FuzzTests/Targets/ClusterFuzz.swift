import JSONCodec
import Model
import Wire

@testable import ClusterRuntime

/// Requests to pm-cluster, their answers, and the records that pm-cluster would save.
enum ClusterFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        var input = ByteReader(bytes)
        let kind: InstanceKind = input.choice([.node, .vm])
        let properties = RequestFuzz.properties(&input)
        let payload = Array(input.rest)
        let (header, command) = ClusterCommand.read(payload.span, properties: properties, kind: kind)
        let isMethod = if case .method = header.dialect { true } else { false }
        switch command {
        case .success(let command):
            try hold(isMethod, "a request in another dialect is accepted")
            try RequestFuzz.check(header, payload, isAccepted: true)
            try check(command, kind)
            for outcome in [ClusterOutcome.removed, .reset, .instances(kind, [])] {
                let (answer, _) = ClusterResponse.encode(outcome, to: header, kind: kind)
                try RequestFuzz.check(answer: answer, to: header, payload, quotes: true)
            }
        case .failure(let failure):
            try RequestFuzz.check(header, payload, isAccepted: false)
            let (answer, _) = ClusterResponse.encode(.failed(failure), to: header, kind: kind)
            try RequestFuzz.check(answer: answer, to: header, payload, quotes: isMethod)
        }
    }

    private static func check(_ command: ClusterCommand, _ kind: InstanceKind) throws(Violation) {
        switch command {
        case .create(let request):
            try hold(request.kind == kind, "a \(request.kind) is made by the service of \(kind)s")
            try check(request)
        case .run(_, let config): try checkProgram(config)
        case .remove(let removal): try hold(removal.kind == kind, "a \(removal.kind) is requested")
        case .adopt(let adoption):
            try hold(adoption.kind == kind, "a \(adoption.kind) is requested")
            if let config = adoption.config { try checkProgram(config) }
        case .reset(let named, _), .getHealth(let named), .list(let named), .listOrphans(let named),
            .confirm(let named):
            try hold(named == kind, "a \(named) is requested")
        }
    }

    private static func check(_ request: InstanceRequest) throws(Violation) {
        if let config = request.config { try checkProgram(config) }
        try hold((request.vm != nil) == (request.kind == .vm), "a size without a VM, or a VM without a size")
        guard let id = request.id ?? HostName("made") else { return }
        var record = InstanceRecord(
            kind: request.kind, id: id, host: request.host, want: .up, isCommitted: false, generation: "g",
            createdAt: 1)
        record.labels = request.labels
        record.vm = request.vm
        record.config = request.config
        try InstanceFuzz.check(record)
    }

    /// A config is sent to the agent unchanged, so the agent must accept it.
    private static func checkProgram(_ config: JSON) throws(Violation) {
        let spec = try need(try? ProcessSpec(config: config), "\(config) is not a valid config")
        try hold(!spec.invocation.isAgent, "an instance within an instance")
    }
}
