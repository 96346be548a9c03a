import Synchronization
import TestSupport

/// A fake host with a fake `qemu` driver: it answers requests and publishes the messages of its guests, without running
/// anything. For behaviour that real guests can't be made to show.
final class FakeHost: Sendable {
    struct Behaviour: Sendable {
        /// Whether guests come online.
        var boots = true
        /// Whether guests end repeatedly while they boot.
        var crashes = false
        /// Whether the host answers.
        var answers = true
        /// Of this many answers, one is lost and the next one is sent twice; 0 for none.
        var losesEvery = 0
        /// Bytes; nil to leave it out of the health message.
        var memoryAvailable: Int?
        var memoryTotal: Int?
    }

    private struct State {
        var behaviour = Behaviour()
        /// The config of each running VM, by id.
        var vms: [String: JSONValue] = [:]
        /// The commands of the processes in the guests, by VM and process, including those that have ended.
        var processes: [String: [String: String]] = [:]
        var processStarts = 0
        var starts = 0
        /// The number of `get_process` requests for each VM.
        var inspections: [String: Int] = [:]
        var mostAtOnce = 0
        var lastPID = 100
        var answers = 0
    }

    private let client: TestClient
    private let name: String
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, any Error>?>(nil)

    /// - Parameter old: the same host under its former name: its VMs run here.
    init(_ broker: Broker, _ name: String = "vmhost", renamed old: FakeHost? = nil) async throws {
        self.name = name
        if let old { state.withLock { $0 = old.state.withLock { $0 } } }
        client = try await TestClient(broker, .init(will: Message("pm/\(name)/status", "offline", isRetained: true)))
        try await client.subscribe("pm/+/control")
        try await client.publish(
            "pm/\(name)/info", #"{"host":"\#(name)","drivers":{"qemu":{"available":true}}}"#, retain: true)
        try await client.publish("pm/\(name)/status", "online", retain: true)
        try await publishHealth()
        for id in vms { try await publishProcess(id) }
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

    var vms: [String] { state.withLock { $0.vms.keys.sorted() } }
    var starts: Int { state.withLock { $0.starts } }
    /// The number of processes that were started in guests.
    var processStarts: Int { state.withLock { $0.processStarts } }
    func inspections(of id: String) -> Int { state.withLock { $0.inspections[id] ?? 0 } }
    /// The highest number of VMs that were starting at the same time.
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    func boot(_ id: String) async throws {
        guard let generation = state.withLock({ $0.vms[id]?["generation"]?.string }) else { return }
        try await client.publish("pm/\(id)/status", "online", retain: true)
        try await client.publish(
            "pm/\(id)/info", #"{"host":"\#(id)","generation":"\#(generation)"}"#, retain: true)
    }

    private func publishProcess(_ id: String) async throws {
        try await client.publish(
            "pm/\(name)/process/\(id)", #"{"process_id":"\#(id)","driver":"qemu","state":"running"}"#, retain: true)
    }

    func publishHealth() async throws {
        let behaviour = state.withLock { $0.behaviour }
        let figures = [("memory_available", behaviour.memoryAvailable), ("memory_total", behaviour.memoryTotal)]
        let memory = figures.map { key, bytes in bytes.map { #","\#(key)":\#($0)"# } ?? "" }.joined()
        // A long interval, as a host without heartbeats counts as offline.
        try await client.publish(
            "pm/\(name)/health", #"{"health":"good","interval":600\#(memory)}"#, retain: true)
    }

    private func serve(_ message: Message) async throws {
        guard message.topic.hasSuffix("/control"), let request = try? message.value else { return }
        let host = message.topic.split(separator: "/")[1]
        guard let method = request["method"]?.string else { return }
        if host == name {
            guard state.withLock({ $0.behaviour.answers }) else { return }
            try await serveHost(method, request)
            try await publishHealth()
        } else if state.withLock({ $0.vms[String(host)] != nil }) {
            try await serveGuest(String(host), method, request)
        }
    }

    private func serveHost(_ method: String, _ request: JSONValue) async throws {
        let arguments = request["args"]
        let id = arguments?["process_id"]?.string ?? arguments?["config"]?["name"]?.string ?? ""
        let present = state.withLock { $0.vms[id] }
        switch method {
        case "start_process":
            guard present == nil, let config = arguments?["config"] else {
                return try await answer(request, #""status":"failed","error":{"code":"name_in_use","detail":"there"}"#)
            }
            let boots = state.withLock { state in
                state.vms[id] = config
                state.processes[id] = [:]
                state.starts += 1
                let waiting = state.vms.keys.count { state.processes[$0]?.isEmpty ?? true }
                state.mostAtOnce = max(state.mostAtOnce, waiting)
                return state.behaviour.boots
            }
            try await publishProcess(id)
            try await answer(request, #""status":"success","process_id":"\#(id)","pid":1"#)
            if state.withLock({ $0.behaviour.crashes }) {
                let entry = #"{"process_id":"\#(id)","driver":"qemu","state":"backoff","restarts":1}"#
                try await client.publish("pm/\(name)/process/\(id)", entry, retain: true)
                return
            }
            if boots { try await boot(id) }
        case "get_process":
            state.withLock { $0.inspections[id, default: 0] += 1 }
            guard let generation = present?["generation"]?.string else { return try await answerUnknown(request) }
            try await answer(
                request,
                #""status":"success","process":{"process_id":"\#(id)","driver":"qemu","state":"running","config":{"generation":"\#(generation)"}}"#
            )
        case "get_log":
            try await answer(request, #""status":"success","stderr":["pm-vm: the guest's kernel panicked"]"#)
        case "kill_process":
            guard present != nil else { return try await answerUnknown(request) }
            _ = state.withLock { $0.vms.removeValue(forKey: id) }
            try await client.publish("pm/\(id)/status", "offline", retain: true)
            try await answer(request, #""status":"success""#)
        case "remove_process":
            try await client.publish("pm/\(name)/process/\(id)", "", retain: true)
            try await answer(request, #""status":"success""#)
        default: break
        }
    }

    private func serveGuest(_ id: String, _ method: String, _ request: JSONValue) async throws {
        let arguments = request["args"]
        if method == "get_process" {
            let process = arguments?["process_id"]?.string ?? ""
            guard let command = state.withLock({ $0.processes[id]?[process] }) else {
                return try await answerUnknown(request)
            }
            let config = #"{"name":"\#(process)","command":"\#(command)"}"#
            return try await answer(
                request,
                #""status":"success","process":{"process_id":"\#(process)","state":"exited","exit_code":0,"config":\#(config)}"#
            )
        }
        if method == "get_processes" {
            let names = state.withLock { $0.processes[id]?.keys.sorted() ?? [] }
            let list = names.map { #"{"process_id":"\#($0)","state":"exited"}"# }.joined(separator: ",")
            return try await answer(request, #""status":"success","process":[\#(list)]"#)
        }
        guard method == "start_process", let config = arguments?["config"], let process = config["name"]?.string
        else { return }
        let command = config["command"]?.string ?? ""
        let pid = state.withLock { state in
            state.lastPID += 1
            state.processStarts += 1
            state.processes[id, default: [:]][process] = command
            return state.lastPID
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
        let times = state.withLock { state in
            state.answers += 1
            guard state.behaviour.losesEvery > 0 else { return 1 }
            return [0: 0, 1: 2][state.answers % state.behaviour.losesEvery] ?? 1
        }
        for _ in 0..<times { try await client.publish(topic, #"{"id":"\#(id)","result":{\#(result)}}"#) }
    }
}

/// Runs `body` with a real pm-cluster and a fake host.
func withVMs<Result>(
    configuration: String = "{}", _ body: (ClusterBench, FakeHost) async throws -> Result
) async throws -> Result {
    try await withCluster(hosts: [], configuration: configuration) { bench in
        let host = try await FakeHost(bench.broker)
        defer { host.end() }
        try await bench.eventuallyRetained("pm/cluster/vm/health") { $0.text.contains(#""available":1"#) }
        return try await body(bench, host)
    }
}
