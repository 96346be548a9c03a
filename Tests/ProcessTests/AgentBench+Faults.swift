import Glibc
import TestSupport
import Testing

extension AgentBench {
    /// Kills the worker as a crash would, and waits until the next one is online.
    ///
    /// - Parameter meanwhile: called when the worker is dead.
    func crashWorker(meanwhile: () async throws -> Void = {}) async throws {
        let worker = try #require(agent.worker)
        try await outage {
            worker.kill()
            try await eventually("the worker's end") { worker.hasEnded }
            try await meanwhile()
        }
        #expect(agent.worker != worker)
    }

    /// Runs `body`, which makes the agent go `offline`, and waits until it is `online` again.
    func outage(_ body: () async throws -> Void) async throws {
        let watcher = try await watcher(of: topic("status"))
        _ = try await watcher.next { $0.text == "online" }
        try await body()
        _ = try await watcher.next { $0.text == "offline" }
        _ = try await watcher.next { $0.text == "online" }
        // An agent that is `online` takes requests.
        _ = try await ask(.listActiveProcesses)
    }

    /// Starts the agent again after it was killed.
    func startAgentAgain() async throws {
        let watcher = try await watcher(of: topic("status"))
        _ = try await watcher.next { $0.text == "offline" }
        watcher.takeAll()
        try agent.start()
        _ = try await watcher.next { $0.text == "online" }
    }

    /// All entries, by process id.
    func entries() async throws -> [String: JSONValue] {
        let entries = try await method("get_processes")["process"]?.array ?? []
        return Dictionary(entries.map { ($0["process_id"]?.string ?? "", $0) }) { first, _ in first }
    }

    /// The pids of running processes, by process id.
    func pids() async throws -> [String: Int] { try await entries().compactMapValues { $0["pid"]?.integer } }

    /// What is retained on `pm/<host>/process/+` by process id, as a new subscriber gets it.
    func retainedEntries() async throws -> [String: JSONValue] {
        let watcher = try await watcher(of: topic("process/+"))
        try await watcher.settle()
        return try watcher.takeAll().filter { !$0.payload.isEmpty }.reduce(into: [:]) { entries, message in
            entries[String(message.topic.split(separator: "/").last ?? "")] = try message.value
        }
    }

    func retainedPIDs() async throws -> [String: Int] {
        try await retainedEntries().compactMapValues { $0["pid"]?.integer }
    }

    /// Waits until the retained pids are those that the agent reports.
    func retainedIsRight() async throws {
        try await eventually("the right retained state") { try await retainedPIDs() == pids() }
    }

    /// Waits until health is `health` and each of `reasons` is part of a health reason. Returns all health reasons.
    @discardableResult
    func health(_ health: String, _ reasons: String...) async throws -> [String] {
        @Sendable func all(_ message: Message) -> [String] {
            (try? message.value)?["reasons"]?.array?.compactMap(\.string) ?? []
        }
        let watcher = try await watcher(of: topic("health"))
        let message = try await watcher.next { message in
            (try? message.value)?["health"]?.string == health
                && reasons.allSatisfy { reason in all(message).contains { $0.contains(reason) } }
        }
        print("health is \(health): \(all(message))")
        return all(message)
    }

    /// Waits until a process has written `line` to stdout.
    func written(_ line: String, by id: String) async throws {
        try await eventually("\(line) of \(id)") { agent.folder.read("state/log/\(id).stdout").contains(line) }
    }

    /// The lines of all files of a process's stdout, the oldest first.
    func lines(of id: String) -> [Substring] {
        let rotated = (1...200).map { agent.folder.read("state/log/\(id).stdout.\($0)") }.prefix { !$0.isEmpty }
        let text = rotated.reversed().joined() + agent.folder.read("state/log/\(id).stdout")
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    /// Checks that a process has written the numbers that `test-child` counts, and that none is lost, torn or doubled.
    func expectCounted(by id: String, to last: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
        let lines = lines(of: id)
        let wrong = lines.enumerated().first { Int($1) != $0 + 1 }
        #expect(wrong == nil, "\(id), of \(lines.count) lines", sourceLocation: sourceLocation)
        if let last { #expect(lines.count == last, sourceLocation: sourceLocation) }
    }
}

/// Runs `body` and prints how long it took. Durations are for people to read and are not asserted.
func timed<Result>(_ what: String, _ body: () async throws -> Result) async rethrows -> Result {
    let begin = ContinuousClock.now
    defer { print("\(what): \(ContinuousClock.now - begin)") }
    return try await body()
}
