import Glibc

/// A real `pm-agent` with a state directory of its own.
///
/// A test creates one for a broker's URL and starts, kills or stops it as often as it likes; the state directory stays.
/// Most tests use ``withAgent(_:broker:version:_:)``, which also checks that nothing is left behind. When the object is
/// released, all processes of the agent are killed.
package final class AgentProcess: @unchecked Sendable {
    package struct Options: Sendable {
        package var host = "h1"
        /// The text of its configuration file.
        package var configuration = "{}"
        package var arguments: [String] = []
        /// Words before `pm-agent`, such as `["/usr/bin/env", "A=b"]`.
        package var wrapper: [String] = []
        /// Whether it may test if it can run VMs, which takes seconds of processor time.
        package var vms = false
        /// Whether processes without a `user` run as the agent's own user.
        package var runsAsOwn = true
        /// Whether the command line names the state directory relative to the working directory.
        package var isStateRelative = false
        /// Replaces the broker's URL; if empty, the command line has no URL.
        package var url: String?
        /// The programs that are executed in place of the built ones.
        package var programs: ProgramFolder?

        package init(
            host: String = "h1", configuration: String = #"{"stop_grace":10}"#, arguments: [String] = [],
            wrapper: [String] = [], url: String? = nil, programs: ProgramFolder? = nil
        ) {
            self.host = host
            self.configuration = configuration
            self.arguments = arguments
            self.wrapper = wrapper
            self.url = url
            self.programs = programs
        }
    }

    package let folder: TemporaryFolder
    package private(set) var options: Options
    /// Earlier host names with the same state directory.
    private var formerHosts: [String] = []
    private let url: String
    private var process: ChildProcess?

    /// The pid of the keeper, which is the process that was started.
    package var pid: Int { Int(process?.pid ?? 0) }
    package var worker: SystemProcess? {
        SystemProcess(pid).children.first(where: \.isWorker)
    }
    package var isRunning: Bool { process?.isRunning ?? false }
    package var log: String { folder.read("log") }
    package var stateDirectory: String { "\(folder.path)/state" }

    /// All supervised processes and their descendants, also those that have left their session or parent.
    package var descendants: [SystemProcess] {
        let identity = TemporaryFolder.identity(of: stateDirectory)
        let groups = ([options.host] + formerHosts).map { "/pm-agent-\($0)-\(identity)/" }
        // The worker and the watcher of ``ChildProcess`` are in the keeper's session; supervised processes have their
        // own.
        let session = SystemProcess(pid).session
        // A zombie that is not the keeper's child is reaped by another process.
        let marked = SystemProcess.all.filter { process in
            groups.contains(where: process.cgroups.contains) && (process.state != "Z" || process.parent == pid)
        }
        // `pid` is 0 before the start, and every process of the system descends from 0.
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
            let state = options.isStateRelative ? "state" : stateDirectory
            let flags = ["--host", options.host] + broker + ["--state-dir", state]
            let directory = options.isStateRelative ? ["-C", folder.path] : []
            // Else the processes could not enter the tests' folders.
            let user = options.runsAsOwn ? ["PM_RUN_AS=\(geteuid())"] : []
            let image = options.vms ? [] : ["PM_VM_IMAGE=none"]
            return options.wrapper + ["/usr/bin/env"] + directory + user + image + [
                try options.programs?.agent ?? Binaries.agent
            ] + flags
                + ["--config", "\(folder.path)/agent.json"] + options.arguments
        }
    }

    /// Changes the host name from the next start on.
    package func rename(_ host: String) {
        formerHosts.append(options.host)
        options.host = host
    }

    package func start() throws { process = try ChildProcess(command, log: "\(folder.path)/log") }

    package func signal(_ signal: Int32) { process?.signal(signal) }

    /// Kills keeper and worker, as a crash would. Supervised processes live on.
    package func kill() {
        let worker = worker
        process?.end(with: SIGKILL)
        worker?.kill()
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// - Returns: the wait status.
    @discardableResult
    package func stop() async throws -> Int32 {
        guard let process, process.isRunning else { return process?.end(with: SIGKILL) ?? 0 }
        process.signal(SIGTERM)
        return try await ended()
    }

    /// Waits until it ends by itself.
    ///
    /// - Returns: the wait status.
    package func ended() async throws -> Int32 {
        guard let process else { return 0 }
        try await eventually("the agent's end") { !process.isRunning }
        return process.end(with: SIGKILL)
    }
}

/// A broker, an agent that is online there, and a client that sends requests.
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

    /// Sends a request with its own response topic (MQTT 5) and returns the answer.
    package func ask(
        _ request: String, properties: Message.Properties = Message.Properties()
    ) async throws -> JSONValue {
        try await inbox(of: request, properties: properties)()
    }

    /// Sends a request with its own response topic (MQTT 5).
    ///
    /// - Returns: a function that waits for the answer.
    package func inbox(
        of request: String, properties: Message.Properties = Message.Properties()
    ) async throws -> () async throws -> JSONValue {
        var properties = properties
        let inbox = "pm/reply/\(UInt64.random(in: 0 ... .max))"
        properties.responseTopic = inbox
        try await send(request, properties: properties)
        return { [client] in
            let message = try await client.next(on: inbox)
            return try message.value
        }
    }

    package func send(
        _ request: Request, qos: Int = 1, properties: Message.Properties = Message.Properties()
    ) async throws {
        try await send(request.text, qos: qos, properties: properties)
    }

    package func ask(
        _ request: Request, properties: Message.Properties = Message.Properties()
    ) async throws -> JSONValue {
        try await ask(request.text, properties: properties)
    }

    package func inbox(
        of request: Request, properties: Message.Properties = Message.Properties()
    ) async throws -> () async throws -> JSONValue {
        try await inbox(of: request.text, properties: properties)
    }

    /// Starts a shell with a script and returns its pid.
    package func sh(_ script: String) async throws -> Int {
        let answer = try await ask(.startProcess(path: "/bin/sh", args: ["-c", script]))
        guard let pid = answer["start_process"]?["pid"]?.integer else { throw TestError("not started: \(answer)") }
        return pid
    }

    /// Calls a method and returns its `result`.
    package func method(_ name: String, _ arguments: String = "{}") async throws -> JSONValue {
        try await result(of: #"{"method":"\#(name)","args":\#(arguments)}"#)
    }

    package func method(_ request: Request) async throws -> JSONValue { try await result(of: request.text) }

    private func result(of request: String) async throws -> JSONValue {
        let answer = try await ask(request)
        guard let result = answer["result"] else { throw TestError("no result: \(answer)") }
        return result
    }

    /// A new client that is subscribed to a filter, so that it also gets the retained messages.
    package func watcher(of filter: String) async throws -> TestClient {
        let watcher = try await TestClient(broker)
        try await watcher.subscribe(filter)
        return watcher
    }

    /// Waits until the agent's retained status is `online`.
    package func isOnline() async throws {
        let watcher = try await watcher(of: topic("status"))
        _ = try await watcher.next { $0.text == "online" }
    }
}

/// Runs `body` with an agent that is online, then ends the agent and checks that no process is left. On failure the
/// error contains the logs of agent and broker.
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
            // A second SIGTERM, so that the agent does not wait for the grace periods of its processes.
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
