import TestSupport

/// The observed state, from the agent, the broker and the kernel, collected one after the other.
struct Observation: Sendable {
    let entries: [String: JSONValue]
    let retained: [String: JSONValue]
    let marked: [String: [Int]]
    let zombies: [Int]

    @MainActor
    static func take(_ soak: Soak, _ watcher: RetainedWatcher) async throws -> Observation {
        let list = try await soak.setting.result("get_processes")["process"]?.array ?? []
        let entries = Dictionary(list.map { ($0["process_id"]?.string ?? "", $0) }) { $1 }
        let retained = try await watcher.current()
        let marked = Dictionary(grouping: Marked.processes(of: soak.tag), by: \.slot)
            .mapValues { $0.map(\.process.pid).sorted() }
        let zombies = SystemProcess(soak.setting.agent.pid).children.filter { $0.state == "Z" }.map(\.pid)
        return Observation(entries: entries, retained: retained, marked: marked, zombies: zombies)
    }

    /// Describes how the retained entry of a process differs from the agent's answer, which is a little older; nil if
    /// it does not differ or is newer.
    func difference(of name: String) -> String? {
        let keys = ["state", "want", "pid", "restarts", "exit_code"]
        guard let entry = entries[name] else { return retained[name].map { "is retained as \($0), but unknown" } }
        guard let topic = retained[name] else { return "is not retained" }
        if keys.allSatisfy({ entry[$0] == topic[$0] }) || Self.latestChange(topic) > Self.latestChange(entry) {
            return nil
        }
        return "is retained as \(topic), but is \(entry)"
    }

    private static func latestChange(_ entry: JSONValue) -> Double {
        max(entry["started_at"]?.number ?? 0, entry["exited_at"]?.number ?? 0)
    }
}

/// Collects the retained entries of the host's processes.
@MainActor
final class RetainedWatcher {
    private let client: TestClient
    private var values: [String: JSONValue] = [:]

    init(_ setting: Setting) async throws {
        client = try await TestClient(setting.broker)
        try await client.subscribe("pm/\(setting.host)/process/+")
    }

    /// By process id.
    func current() async throws -> [String: JSONValue] {
        try await client.settle()
        for message in client.takeAll() {
            let id = message.topic.split(separator: "/").last.map(String.init) ?? ""
            values[id] = message.payload.isEmpty ? nil : try message.value
        }
        return values
    }
}
