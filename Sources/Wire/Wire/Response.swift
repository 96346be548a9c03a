import JSONCodec
package import Model

/// Encodes the answer to a request in the dialect of the request.
package enum Response {
    /// Payload and content type of an agent's answer.
    package static func encode(_ outcome: Outcome, to header: RequestHeader) -> ([UInt8], ContentType) {
        let members: [JSON.Member]
        let type: ContentType
        switch header.dialect {
        case .blueZero(let command):
            members = [.init(command.rawValue, blueZero(outcome))] + forwarding(header, outcome)
            type = .blueZeroResponse
        case .method(let name):
            members = method(outcome, name: name, header)
            type = .json
        case .undetermined:
            members = refusal(outcome) + method(outcome, name: nil, header)
            type = .json
        }
        return (JSON.object(members + identity(header)).printed(), type)
    }

    /// Payload and content type of a refusal by the hub.
    package static func encode(hubRefusal failure: Failure, to header: RequestHeader) -> ([UInt8], ContentType) {
        let outcome = Outcome.failed(failure)
        guard case .blueZero = header.dialect else { return encode(outcome, to: header) }
        let host = header.hostName.map { [JSON.Member("host_name", .string($0))] } ?? []
        return (JSON.object(refusal(outcome) + host + identity(header)).printed(), .blueZeroResponse)
    }

    /// Payload and content type of the hub's answer to `list_hosts`.
    package static func encode(hosts: [HostPresence], to header: RequestHeader) -> ([UInt8], ContentType) {
        let entries = hosts.map { host -> JSON in
            [
                "host_name": .string(host.host.description), "online": .bool(host.isOnline),
                "last_active": .number(host.lastActive),
            ]
        }
        let body: [JSON.Member] = [
            .init(BlueZeroCommand.listHosts.rawValue, ["hosts": .array(entries)]), .init("success", true),
        ]
        return (JSON.object(body + identity(header)).printed(), .blueZeroResponse)
    }

    private static func identity(_ header: RequestHeader) -> [JSON.Member] {
        header.id.map { [.init("id", $0.json)] } ?? []
    }

    /// The members of an answer to a BlueZero request through the hub, in addition to the answer itself.
    private static func forwarding(_ header: RequestHeader, _ outcome: Outcome) -> [JSON.Member] {
        // The hub routes no request to a host that it does not name.
        if case .failed(let failure) = outcome, failure.code == .wrongNode { return [] }
        return header.hostName.map { [.init("host_name", .string($0)), .init("success", true)] } ?? []
    }

    private static func refusal(_ outcome: Outcome) -> [JSON.Member] {
        guard case .failed(let failure) = outcome else { return [.init("success", true)] }
        return [.init("success", false), .init("error_message", .string(failure.words))]
    }

    private static func blueZero(_ outcome: Outcome) -> JSON {
        switch outcome {
        case .started(_, let pid), .reset(_, let pid):
            .object((pid.map { [.init("pid", .number($0))] } ?? []) + [.init("success", true)])
        case .updated(_, let pid):
            .object((pid.map { [.init("pid", .number($0))] } ?? []) + [.init("updated", true), .init("success", true)])
        case .running: ["running": true, "success": true]
        case .ended(let exit):
            .object(
                [.init("exit_code", .number(exit.exitCode))]
                    + (exit.signal.map { [.init("signal", .number($0))] } ?? [])
                    + [.init("running", false), .init("success", true)])
        case .pids(let pids): ["pids": .array(pids.map { .number($0) })]
        case .unchanged, .stopped, .health, .processes, .process, .signaled, .removed, .log, .following, .unfollowed,
            .applied, .shuttingDown:
            ["success": true]
        case .failed(let failure): ["error_message": .string(failure.words), "success": false]
        }
    }

    private static func method(_ outcome: Outcome, name: String?, _ header: RequestHeader) -> [JSON.Member] {
        let message = name.flatMap(Method.init(rawValue:))?.successMessage.map { [JSON.Member("message", .string($0))] }
        let body: [JSON.Member]
        if case .failed(let failure) = outcome {
            body = [
                .init("status", "failed"), .init("message", .string(Method.failureMessage(for: name))),
                .init("error", failure.json),
            ]
        } else {
            body = [.init("status", "success")] + (message ?? []) + outcome.members + header.ignoredMember
        }
        return [.init("request", header.echo.json), .init("result", .object(body))]
    }
}
