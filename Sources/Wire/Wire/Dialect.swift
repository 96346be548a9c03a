package import JSONCodec
package import Model

/// The protocol of a request, which determines the form of its answer.
package enum Dialect: Equatable, Sendable {
    /// The command is a key of the object: `{"stop_process":{"pid":1}}`.
    case blueZero(BlueZeroCommand)
    /// `{"method":"kill_process","args":{…}}`; the method's name as it was sent, if it was a string.
    case method(String?)
    /// The request does not tell the dialect: the answer has the members of both.
    case undetermined

    init(of json: JSON) {
        if let method = json["method"] {
            self = .method(method.string)
            return
        }
        let commands = Self.commands(in: json)
        self = commands.count == 1 ? .blueZero(commands[0]) : .undetermined
    }

    /// Why a request with more than one command is refused.
    package static func ambiguity(in json: JSON) -> Failure? {
        let count = commands(in: json).count + (json["method"] == nil ? 0 : 1)
        return count > 1 ? Failure(.malformedRequest, "more than one command") : nil
    }

    private static func commands(in json: JSON) -> [BlueZeroCommand] {
        BlueZeroCommand.allCases.filter { json[$0.rawValue] != nil }
    }
}

/// The commands of the BlueZero dialect.
package enum BlueZeroCommand: String, Sendable, CaseIterable {
    case startProcess = "start_process"
    case stopProcess = "stop_process"
    case queryProcessStatus = "query_process_status"
    case listActiveProcesses = "list_active_processes"
    /// Answered by the hub itself.
    case listHosts = "list_hosts"
}
