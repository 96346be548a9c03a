import Glibc

/// A real `pm-agent` with a state directory of its own.
package final class AgentProcess: @unchecked Sendable {
    package struct Options: Sendable {
        package var host = "h1"
        /// The text of its configuration file.
        package var configuration = "{}"
        package var arguments: [String] = []
        /// Words before `pm-agent`, as `["/usr/bin/env", "A=b"]`.
        package var wrapper: [String] = []
        /// Whether it may find out that it can run virtual machines, which keeps a processor busy for seconds.
        package var vms = false
        /// Whether its processes run as it does when nobody says as whom.
        package var runsAsOwn = true
        /// Instead of the broker's own; an empty one is not on the command line.
        package var url: String?

        package init(
            host: String = "h1", configuration: String = #"{"stop_grace":10}"#, arguments: [String] = [],
            wrapper: [String] = [], url: String? = nil
        ) {
            self.host = host
            self.configuration = configuration
            self.arguments = arguments
            self.wrapper = wrapper
            self.url = url
        }
    }

    package let folder: TemporaryFolder
    package private(set) var options: Options
    /// What it was called before, with the same state directory.
    private var formerHosts: [String] = []
    private let url: String
    private var process: ChildProcess?

    /// The keeper's: it is what was started.
    package var pid: Int { Int(process?.pid ?? 0) }
    /// The one that does the work.
    package var worker: SystemProcess? {
        SystemProcess(pid).children.first(where: \.isWorker)
    }
    package var isRunning: Bool { process?.isRunning ?? false }
    package var log: String { folder.read("log") }
    package var stateDirectory: String { "\(folder.path)/state" }

    /// All that its processes are, wherever they have gone.
    package var descendants: [SystemProcess] {
        let identity = TemporaryFolder.identity(of: stateDirectory)
        let groups = ([options.host] + formerHosts).map { "/pm-agent-\($0)-\(identity)/" }
        // Its worker and whoever watches over it are of its session; its processes have sessions of their own.
        let session = SystemProcess(pid).session
        // A zombie that is not its child is for somebody else to reap.
        let marked = SystemProcess.all.filter { process in
            groups.contains(where: process.cgroups.contains) && (process.state != "Z" || process.parent == pid)
        }
        // All of a machine descends from 0, which is nobody's number and this one's before it starts.
        guard pid > 0 else { return marked }
        return marked + SystemProcess(pid).descendants.filter { $0.session != session && !marked.contains($0) }
    }

    package init(_ options: Options = Options(), url: String) throws {
        self.options = options
        self.url = options.url ?? url
        folder = try TemporaryFolder()
        try folder.write(options.configuration, to: "agent.json")
    }

    deinit { for process in descendants { Glibc.kill(pid_t(process.pid), SIGKILL) } }

    package var command: [String] {
        get throws {
            let broker = url.isEmpty ? [] : ["--broker", url]
            let flags = ["--host", options.host] + broker + ["--state-dir", stateDirectory]
            // Else the tests' own folders would be closed to what they start.
            let user = options.runsAsOwn ? ["PM_RUN_AS=\(geteuid())"] : []
            let image = options.vms ? [] : ["PM_VM_IMAGE=none"]
            return options.wrapper + ["/usr/bin/env"] + user + image + [try Binaries.agent] + flags
                + ["--config", "\(folder.path)/agent.json"] + options.arguments
        }
    }

    /// Has it called so from its next start on.
    package func rename(_ host: String) {
        formerHosts.append(options.host)
        options.host = host
    }

    package func start() throws { process = try ChildProcess(command, log: "\(folder.path)/log") }

    package func signal(_ signal: Int32) { process?.signal(signal) }

    /// As a crash of keeper and worker: their children live on.
    package func kill() {
        let worker = worker
        process?.end(with: SIGKILL)
        worker?.kill()
    }

    /// Tells it to stop, and waits for it.
    ///
    /// - Returns: the wait status.
    @discardableResult
    package func stop() async throws -> Int32 {
        guard let process, process.isRunning else { return process?.end(with: SIGKILL) ?? 0 }
        process.signal(SIGTERM)
        return try await ended()
    }

    /// Waits until it has ended by itself.
    package func ended() async throws -> Int32 {
        guard let process else { return 0 }
        try await eventually("the agent's end") { !process.isRunning }
        return process.end(with: SIGKILL)
    }
}

/// A broker, an agent on it that is online, and a requester.
package struct AgentBench: Sendable {
    package let broker: Broker
    package let agent: AgentProcess
    /// Subscribed to the host's and the hub's responses and to `pm/reply/#`.
    package let client: TestClient
    package let version: TestClient.Version

    package init(broker: Broker, agent: AgentProcess, client: TestClient, version: TestClient.Version) {
        self.broker = broker
        self.agent = agent
        self.client = client
        self.version = version
    }

    package var host: String { agent.options.host }
    package func topic(_ rest: String) -> String { "pm/\(host)/\(rest)" }

    /// Publishes a request.
    package func send(
        _ request: String, qos: Int = 1, properties: Message.Properties = Message.Properties()
    ) async throws {
        try await client.publish(topic("control"), request, qos: qos, properties: properties)
    }

    /// The answer to a request, from an inbox of its own (MQTT 5).
    package func ask(
        _ request: String, properties: Message.Properties = Message.Properties()
    ) async throws -> JSONValue {
        try await inbox(of: request, properties: properties)()
    }

    /// Sends a request (MQTT 5); what is returned waits for its answer.
    package func inbox(
        of request: String, properties: Message.Properties = Message.Properties()
    ) async throws -> () async throws -> JSONValue {
        var properties = properties
        let inbox = "pm/reply/\(UInt64.random(in: 0 ... .max))"
        properties.responseTopic = inbox
        try await send(request, properties: properties)
        return { [client] in
            let message = try await client.next(on: inbox)
            // The default topic has the same answer first.
            return try message.value
        }
    }

    /// Runs a script in a shell; its pid.
    package func sh(_ script: String) async throws -> Int {
        let answer = try await ask(
            #"{"start_process":{"path":"/bin/sh","args":["-c",\#(quoted(script))]}}"#)
        guard let pid = answer["start_process"]?["pid"]?.integer else { throw TestError("not started: \(answer)") }
        return pid
    }

    /// The result of a method.
    package func method(_ name: String, _ arguments: String = "{}") async throws -> JSONValue {
        let answer = try await ask(#"{"method":"\#(name)","args":\#(arguments)}"#)
        guard let result = answer["result"] else { throw TestError("no result: \(answer)") }
        return result
    }

    /// A client that gets what is retained on, and all that comes to, a filter.
    package func watcher(of filter: String) async throws -> TestClient {
        let watcher = try await TestClient(broker)
        try await watcher.subscribe(filter)
        return watcher
    }

    /// Waits until the agent says `online` to somebody who asks now.
    package func isOnline() async throws {
        let watcher = try await watcher(of: topic("status"))
        _ = try await watcher.next { $0.text == "online" }
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0 == "\n" ? "\\n" : "\($0)" }.joined() + "\""
    }
}

/// Runs `body` with an agent that is online; afterwards ends it and checks that nothing of it is left. Shows the agent's
/// and the broker's log when anything fails.
package func withAgent<Result>(
    _ options: AgentProcess.Options = .init(), broker brokerOptions: Broker.Options = .init(),
    version: TestClient.Version = .v5, _ body: (AgentBench) async throws -> Result
) async throws -> Result {
    try await withBroker(brokerOptions) { broker in
        let agent = try AgentProcess(options, url: broker.url)
        let client = try await TestClient(broker, .init(version: version))
        let bench = AgentBench(broker: broker, agent: agent, client: client, version: version)
        do {
            for filter in [bench.topic("response"), "pm/hub/response", "pm/reply/#"] {
                try await client.subscribe(filter)
            }
            try agent.start()
            try await bench.isOnline()
            let result = try await body(bench)
            // Twice: who still runs need not be waited for.
            agent.signal(SIGTERM)
            try await agent.stop()
            let left = agent.descendants
            guard left.isEmpty else { throw TestError("left behind: \(left.map { ($0.pid, $0.arguments) })") }
            return result
        } catch {
            agent.kill()
            throw TestError("\(error)\n--- the agent's log:\n\(agent.log)")
        }
    }
}
