import JSONCodec
import Model

extension Command {
    init(_ json: JSON, dialect: Dialect) throws(Failure) {
        if let ambiguity = Dialect.ambiguity(in: json) { throw ambiguity }
        switch dialect {
        case .blueZero(let command): self = try Command(blueZero: command, json[command.rawValue] ?? .null)
        case .method(let name): self = try Command(method: name, json)
        case .undetermined: throw Failure(.malformedRequest, "unknown command")
        }
    }

    private init(blueZero command: BlueZeroCommand, _ body: JSON) throws(Failure) {
        guard body.members != nil else {
            throw Failure(.invalidArgument, "\(command.rawValue) must be an object")
        }
        switch command {
        case .startProcess: self = .start(try ProcessSpec(blueZero: body))
        case .stopProcess: self = .stop(try ProcessReference(blueZero: body))
        case .queryProcessStatus: self = .query(try ProcessReference(blueZero: body))
        case .listActiveProcesses: self = .listActive
        case .listHosts: throw Failure(.malformedRequest, "unknown command: only the hub answers list_hosts")
        }
    }

    private init(method name: String?, _ json: JSON) throws(Failure) {
        guard let name else { throw Failure(.malformedRequest, "method must be a string") }
        guard let method = Method(rawValue: name) else {
            throw Failure(.unknownMethod, "unknown method: \(name.prefix(Limits.nameLength))")
        }
        let arguments = json.optional("args") ?? [:]
        guard arguments.members != nil else { throw Failure(.invalidArgument, "args must be an object") }
        self = try Command(method, Field(name: "args", json: arguments))
    }
}
