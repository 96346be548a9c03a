import Glibc

/// A broker, hosts, a pm-cluster that is online, and a client that sends requests.
///
/// ``withCluster(hosts:vms:configuration:broker:_:)`` creates it for tests of nodes and VMs, and afterwards ends all
/// programs and checks that no process is left. `kind` is `node` or `vm` in all methods.
package struct ClusterBench: Sendable {
    package let broker: Broker
    package let cluster: ClusterProcess
    package let hosts: [AgentProcess]
    package let client: TestClient

    package init(broker: Broker, cluster: ClusterProcess, hosts: [AgentProcess], client: TestClient) {
        self.broker = broker
        self.cluster = cluster
        self.hosts = hosts
        self.client = client
    }

    package var host: AgentProcess { hosts[0] }

    /// The logs of pm-cluster and of the hosts' agents.
    package var logs: String {
        let logs = hosts.map { "--- \($0.options.host)'s log:\n\($0.log)" }
        return (["--- pm-cluster's log:\n\(cluster.log)"] + logs).joined(separator: "\n")
    }

    /// Sends a request to pm-cluster with its own response topic and returns the answer.
    package func ask(_ kind: String, _ request: String) async throws -> JSONValue {
        try await inbox(kind, request)()
    }

    /// Sends a request to pm-cluster with its own response topic.
    ///
    /// - Returns: a function that waits for the answer.
    package func inbox(_ kind: String, _ request: String) async throws -> () async throws -> JSONValue {
        let inbox = "pm/reply/\(UInt64.random(in: 0 ... .max))"
        var properties = Message.Properties()
        properties.responseTopic = inbox
        try await client.publish("pm/cluster/\(kind)/control", request, properties: properties)
        return { [client] in try await client.next(on: inbox, within: TestClient.patience).value }
    }

    package func ask(_ kind: String, _ request: Request) async throws -> JSONValue { try await ask(kind, request.text) }

    package func inbox(_ kind: String, _ request: Request) async throws -> () async throws -> JSONValue {
        try await inbox(kind, request.text)
    }

    /// Calls a method of pm-cluster and returns its `result`.
    package func method(_ kind: String, _ name: String, _ arguments: String = "{}") async throws -> JSONValue {
        try await result(of: #"{"method":"\#(name)","args":\#(arguments)}"#, kind)
    }

    package func method(_ kind: String, _ request: Request) async throws -> JSONValue {
        try await result(of: request.text, kind)
    }

    private func result(of request: String, _ kind: String) async throws -> JSONValue {
        let answer = try await ask(kind, request)
        guard let result = answer["result"] else { throw TestError("no result: \(answer)") }
        return result
    }

    /// Creates a node and returns its id.
    package func createNode(_ id: String? = nil, host: String? = nil, labels: JSONValue? = nil) async throws -> String {
        let result = try await method("node", .createNode(id, host: host, labels: labels))
        guard result["status"] == "success", let id = result["node_id"]?.string else { throw TestError("\(result)") }
        return id
    }

    /// Calls a method of the agent of a host, node or VM and returns its `result`.
    package func agent(_ host: String, _ request: Request) async throws -> JSONValue {
        let inbox = "pm/reply/\(UInt64.random(in: 0 ... .max))"
        try await client.publish("pm/\(host)/control", request.replyTo(inbox).text)
        guard let result = try await client.next(on: inbox).value["result"] else { throw TestError("no result") }
        return result
    }

    /// The retained messages of a filter, by topic.
    package func retained(_ filter: String) async throws -> [String: String] {
        let reader = try await TestClient(broker)
        try await reader.subscribe(filter)
        try await reader.settle()
        let messages = reader.takeAll().filter { $0.isRetained && !$0.payload.isEmpty }
        return Dictionary(messages.map { ($0.topic, $0.text) }) { $1 }
    }

    /// The retained message of a topic as JSON.
    package func retainedJSON(_ topic: String) async throws -> JSONValue? {
        guard let text = try await retained(topic)[topic] else { return nil }
        return try JSONValue(text)
    }

    /// Waits for a message on `topic`, retained or new, for which `what` is true.
    package func eventuallyRetained(
        _ topic: String, within patience: Duration = TestClient.patience, _ what: @escaping @Sendable (Message) -> Bool
    ) async throws {
        let watcher = try await TestClient(broker)
        try await watcher.subscribe(topic)
        _ = try await watcher.next(within: patience) { $0.topic == topic && what($0) }
    }

    /// Kills pm-cluster and starts another one with the same state.
    package func restartCluster() async throws {
        cluster.kill()
        // Wait for the last will, so that the old `online` is not taken for that of the new pm-cluster.
        try await eventuallyRetained("pm/cluster/status") { $0.text == "offline" }
        try cluster.start()
        try await clusterIsOnline()
    }

    /// Waits until the host's agent has tested QEMU, which takes seconds after each start of its worker, and pm-cluster
    /// has the result.
    package func hasVMs() async throws {
        try await eventuallyRetained("pm/h1/info", within: VMSupport.patience) {
            (try? $0.value)?["drivers"]?["qemu"]?["available"] == true
        }
        try await eventuallyRetained("pm/cluster/vm/health", within: VMSupport.patience) {
            (try? $0.value)?["hosts"]?["available"] == 1
        }
    }

    /// Starts pm-cluster again after it was stopped.
    package func startCluster() async throws {
        try cluster.start()
        try await clusterIsOnline()
    }

    package func clusterIsOnline() async throws {
        try await eventuallyRetained("pm/cluster/status") { $0.text == "online" }
    }

    /// Waits until no process, file or topic of a node or VM is left.
    package func isGone(_ kind: String, _ id: String) async throws {
        var left = ""
        do {
            try await eventually("\(id) is gone", within: .seconds(40)) {
                let topics = try await retained("pm/\(id)/#")
                let states = try await retained("pm/cluster/\(kind)/\(id)/state")
                let files = cluster.files.filter { $0.hasPrefix("\(id).json") }
                left = "\(topics) \(states) \(files)"
                return topics.isEmpty && states.isEmpty && files.isEmpty
            }
        } catch {
            throw TestError("\(error); left: \(left)")
        }
        for host in hosts where host.isRunning {
            // An agent removes the files some time after it has answered.
            do { try await eventually("\(id) is forgotten") { try await leftovers(of: id, on: host) == "" } } catch {
                throw TestError("\(error): \(try await leftovers(of: id, on: host)) on \(host.options.host)")
            }
        }
    }

    /// Processes and files of a node or VM on a host, as text.
    private func leftovers(of id: String, on host: AgentProcess) async throws -> String {
        let processes = try await agent(host.options.host, .call("get_processes"))["process"]?.array ?? []
        let known = processes.filter { $0["process_id"]?.string == id }.map { "\($0)" }
        let files = ["nodes", "log", "processes"].flatMap { folder in
            TemporaryFolder.names(in: "\(host.stateDirectory)/\(folder)").filter { $0 == id || $0.hasPrefix("\(id).") }
        }
        let running = host.descendants.filter { $0.arguments.contains(id) }.map { $0.arguments.joined(separator: " ") }
        return (known + files + running).joined(separator: ", ")
    }
}

/// Runs `body` with hosts and a pm-cluster that are online, then ends them and checks that no process is left. On
/// failure the error contains their logs.
package func withCluster<Result>(
    hosts names: [String] = ["h1"], vms: Bool = false, configuration: String = "{}",
    broker options: Broker.Options = .init(),
    _ body: (ClusterBench) async throws -> Result
) async throws -> Result {
    try await withBroker(options) { broker in
        let cluster = try ClusterProcess(url: broker.url, configuration: configuration)
        let hosts = try names.map { name in
            var options = AgentProcess.Options(host: name)
            options.vms = vms
            return try AgentProcess(options, url: broker.url)
        }
        let client = try await TestClient(broker)
        let bench = ClusterBench(broker: broker, cluster: cluster, hosts: hosts, client: client)
        do {
            try await client.subscribe("pm/reply/#")
            for host in hosts { try host.start() }
            for name in names { try await bench.eventuallyRetained("pm/\(name)/status") { $0.text == "online" } }
            try cluster.start()
            try await bench.clusterIsOnline()
            if vms { try await bench.hasVMs() }
            let result = try await body(bench)
            try await cluster.stop()
            for host in hosts {
                // A second SIGTERM, so that the agent does not wait for the grace periods of its processes.
                host.signal(SIGTERM)
                try await host.stop()
                let left = host.descendants
                guard left.isEmpty else { throw TestError("left behind: \(left.map { ($0.pid, $0.arguments) })") }
            }
            return result
        } catch {
            cluster.kill()
            for host in hosts { host.kill() }
            throw TestError("\(error)\n\(bench.logs)")
        }
    }
}
