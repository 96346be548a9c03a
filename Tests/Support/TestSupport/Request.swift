/// A request as a test sends it.
///
/// Methods are called as on the wire. Those without a function of their own are made by ``call(_:_:)``, and further
/// members of a request are added by ``JSONText/with(_:_:)``.
package struct Request: JSONText {
    package var members: [String]

    // MARK: The method dialect

    /// - Parameter arguments: nil leaves out `args`.
    package static func call(_ name: String, _ arguments: JSONValue? = nil) -> Request {
        let call = Request(members: []).with("method", .string(name))
        return arguments.map { call.with("args", $0) } ?? call
    }

    package static func startProcess(_ config: ProcessConfig) -> Request {
        Request(members: [#""method":"start_process""#, #""args":{"config":\#(config.text)}"#])
    }

    package static func getProcess(_ id: String) -> Request { call("get_process", ["process_id": .string(id)]) }
    package static func killProcess(_ id: String) -> Request { call("kill_process", ["process_id": .string(id)]) }
    package static func resetProcess(_ id: String) -> Request { call("reset_process", ["process_id": .string(id)]) }
    package static func removeProcess(_ id: String) -> Request { call("remove_process", ["process_id": .string(id)]) }

    // MARK: The method dialect of pm-cluster

    /// - Parameter id: nil leaves the choice to pm-cluster.
    package static func createNode(
        _ id: String? = nil, host: String? = nil, labels: JSONValue? = nil
    ) -> Request {
        var arguments: [String: JSONValue] = [:]
        arguments["node_id"] = id.map { .string($0) }
        arguments["host"] = host.map { .string($0) }
        arguments["labels"] = labels
        return call("create_node", .object(arguments))
    }

    package static func resetNode(_ id: String) -> Request { call("reset_node", ["node_id": .string(id)]) }
    package static func removeNode(_ id: String) -> Request { call("remove_node", ["node_id": .string(id)]) }

    package static func runProcess(_ config: ProcessConfig, onNode id: String) -> Request {
        Request(members: [
            #""method":"run_process_on_node""#,
            #""args":{"node_id":\#(JSONValue.string(id).text),"config":\#(config.text)}"#,
        ])
    }

    /// - Parameter id: nil leaves the choice to pm-cluster.
    package static func allocateVM(_ id: String? = nil, _ config: ProcessConfig) -> Request {
        let name = id.map { #""vm_id":\#(JSONValue.string($0).text),"# } ?? ""
        return Request(members: [#""method":"allocate_vm""#, #""args":{\#(name)"config":\#(config.text)}"#])
    }

    package static func resetVM(_ id: String) -> Request { call("reset_vm", ["vm_id": .string(id)]) }
    package static func removeVM(_ id: String) -> Request { call("remove_vm", ["vm_id": .string(id)]) }

    // MARK: The BlueZero dialect

    package static func startProcess(path: String, args: [String]) -> Request {
        Request(members: [])
            .with("start_process", ["path": .string(path), "args": .array(args.map { .string($0) })])
    }

    package static func stopProcess(pid: Int) -> Request {
        Request(members: []).with("stop_process", ["pid": .integer(pid)])
    }

    package static func queryProcessStatus(pid: Int) -> Request {
        Request(members: []).with("query_process_status", ["pid": .integer(pid)])
    }

    package static let listActiveProcesses = Request(members: [#""list_active_processes":{}"#])
    package static let listHosts = Request(members: [#""list_hosts":{}"#])

    // MARK: Members of both dialects

    package func id(_ id: String) -> Request { with("id", .string(id)) }

    package func replyTo(_ topic: String) -> Request { with("reply_to", .string(topic)) }

    /// Names the host, for the hub or for an agent that compares it.
    package func host(_ name: String) -> Request { with("host_name", .string(name)) }
}
