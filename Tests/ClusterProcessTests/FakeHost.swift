import Synchronization
import TestSupport

/// A host that runs VMs, played by a test: it says that its driver `qemu` works, and its guests are words on the bus.
final class FakeHost: Sendable {
    struct Behaviour: Sendable {
        /// Whether guests come up at all.
        var boots = true
        /// Whether the host answers.
        var answers = true
        /// What a guest says of its process; nil is a pid.
        var guestError: String?
    }

    private struct State {
        var behaviour = Behaviour()
        /// The generation of each VM that runs, by id.
        var machines: [String: JSONValue] = [:]
        /// The processes in the guests.
        var processes: [String: Set<String>] = [:]
        var starts = 0
        var mostAtOnce = 0
        var lastPID = 100
    }

    private let client: TestClient
    private let name: String
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(_ broker: Broker, _ name: String = "vmhost") async throws {
        self.name = name
        client = try await TestClient(broker, .init(will: Message("pm/\(name)/status", "offline", isRetained: true)))
        try await client.subscribe("pm/+/control")
        try await client.publish(
            "pm/\(name)/info", #"{"host":"\#(name)","drivers":{"qemu":{"available":true}}}"#, retain: true)
        try await client.publish("pm/\(name)/status", "online", retain: true)
        let running = Task { [weak self] in
            while let self { try await self.serve(try await self.client.next(within: .seconds(3600)) { _ in true }) }
        }
        task.withLock { $0 = running }
    }

    func end() {
        task.withLock { $0?.cancel() }
        client.kill()
    }

    func behave(_ change: @Sendable (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    var machines: [String] { state.withLock { $0.machines.keys.sorted() } }
    var starts: Int { state.withLock { $0.starts } }
    /// VMs that were on their way up at the same time, at most.
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    /// A guest panics, and the host's agent starts it anew.
    func panic(_ id: String) async throws {
        state.withLock { $0.processes[id] = [] }
        try await client.publish("pm/\(id)/status", "offline", retain: true)
        try await boot(id)
    }

    func boot(_ id: String) async throws {
        guard let generation = state.withLock({ $0.machines[id]?["generation"]?.string }) else { return }
        try await client.publish("pm/\(id)/status", "online", retain: true)
        try await client.publish(
            "pm/\(id)/info", #"{"host":"\#(id)","generation":"\#(generation)"}"#, retain: true)
    }

    private func serve(_ message: Message) async throws {
        guard message.topic.hasSuffix("/control"), let request = try? message.value else { return }
        let host = message.topic.split(separator: "/")[1]
        guard let method = request["method"]?.string else { return }
        if host == name {
            guard state.withLock({ $0.behaviour.answers }) else { return }
            try await serveHost(method, request)
            // Who is never heard of is taken for gone.
            try await client.publish("pm/\(name)/health", #"{"health":"good"}"#, retain: true)
        } else if state.withLock({ $0.machines[String(host)] != nil }) {
            try await serveGuest(String(host), method, request)
        }
    }

    private func serveHost(_ method: String, _ request: JSONValue) async throws {
        let arguments = request["args"]
        let id = arguments?["process_id"]?.string ?? arguments?["config"]?["name"]?.string ?? ""
        let present = state.withLock { $0.machines[id] }
        switch method {
        case "start_process":
            guard present == nil, let config = arguments?["config"] else {
                return try await answer(request, #""status":"failed","error":{"code":"name_in_use","detail":"there"}"#)
            }
            let boots = state.withLock { state in
                state.machines[id] = config
                state.processes[id] = []
                state.starts += 1
                let waiting = state.machines.keys.count { state.processes[$0]?.isEmpty ?? true }
                state.mostAtOnce = max(state.mostAtOnce, waiting)
                return state.behaviour.boots
            }
            try await client.publish(
                "pm/\(name)/process/\(id)", #"{"process_id":"\#(id)","driver":"qemu","state":"running"}"#, retain: true)
            try await answer(request, #""status":"success","process_id":"\#(id)","pid":1"#)
            if boots { try await boot(id) }
        case "get_process":
            guard let generation = present?["generation"]?.string else { return try await answerUnknown(request) }
            try await answer(
                request,
                #""status":"success","process":{"process_id":"\#(id)","driver":"qemu","state":"running","config":{"generation":"\#(generation)"}}"#
            )
        case "kill_process":
            guard present != nil else { return try await answerUnknown(request) }
            _ = state.withLock { $0.machines.removeValue(forKey: id) }
            try await client.publish("pm/\(id)/status", "offline", retain: true)
            try await answer(request, #""status":"success""#)
        case "remove_process":
            try await client.publish("pm/\(name)/process/\(id)", "", retain: true)
            try await answer(request, #""status":"success""#)
        default: break
        }
    }

    private func serveGuest(_ id: String, _ method: String, _ request: JSONValue) async throws {
        guard method == "start_process", let process = request["args"]?["config"]?["name"]?.string else { return }
        if let error = state.withLock({ $0.behaviour.guestError }) {
            return try await answer(
                request, #""status":"failed","error":{"code":"\#(error)","detail":"no such file or directory"}"#)
        }
        let pid = state.withLock { state in
            state.lastPID += 1
            return state.processes[id, default: []].insert(process).inserted ? state.lastPID : nil
        }
        guard let pid else {
            return try await answer(request, #""status":"failed","error":{"code":"name_in_use","detail":"there"}"#)
        }
        try await client.publish(
            "pm/\(id)/process/\(process)",
            #"{"process_id":"\#(process)","driver":"exec","state":"running","pid":\#(pid)}"#,
            retain: true)
        try await answer(request, #""status":"success","process_id":"\#(process)","pid":\#(pid)"#)
    }

    private func answerUnknown(_ request: JSONValue) async throws {
        try await answer(request, #""status":"failed","error":{"code":"no_such_process","detail":"no such process"}"#)
    }

    private func answer(_ request: JSONValue, _ result: String) async throws {
        guard let topic = request["reply_to"]?.string, let id = request["id"]?.string else { return }
        try await client.publish(topic, #"{"id":"\#(id)","result":{\#(result)}}"#)
    }
}

/// With a host that is played, and a pm-cluster that is real.
func withMachines<Result>(
    configuration: String = "{}", _ body: (ClusterBench, FakeHost) async throws -> Result
) async throws -> Result {
    try await withCluster(hosts: [], configuration: configuration) { bench in
        let host = try await FakeHost(bench.broker)
        defer { host.end() }
        try await bench.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains(#""available":1"#) }
        return try await body(bench, host)
    }
}
