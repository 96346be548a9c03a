import TestSupport
import Testing

/// Sends starts and stops at QoS 1, one after the other and without waiting for answers, until it is cancelled.
///
/// Each process appends its name to a file when it begins, so that a process that is started twice is noticed.
struct Load: Sendable {
    /// Subscribed to `pm/reply/#`.
    let requester: TestClient
    let bench: AgentBench
    /// The path of that file.
    let begun: String

    /// Whether a process is stopped as soon as its start is answered: one in five.
    func isStopped(_ id: String) -> Bool { id.hasSuffix("0") || id.hasSuffix("5") }

    /// - Returns: the pids of processes with an answered start, and the ids of those with an answered stop.
    func run() async throws -> (started: [String: Int], stopped: Set<String>) {
        var started: [String: Int] = [:]
        var stopped: Set<String> = []
        var index = 0
        func take(thenStop: Bool = true) throws {
            for message in requester.takeAll() {
                let words = message.topic.split(separator: "/").map(String.init)
                guard words.count == 4, let result = try message.value["result"] else { continue }
                guard result["status"] == "success" else { throw TestError("\(message)") }
                if words[2] == "stop" { stopped.insert(words[3]) } else { started[words[3]] = result["pid"]?.integer }
                if thenStop, words[2] == "start", isStopped(words[3]) {
                    try send("stop", words[3], "kill_process", #"{"process_id":"\#(words[3])"}"#)
                }
            }
        }
        while !Task.isCancelled {
            let id = "n\(index)"
            index += 1
            let command = shell("echo \(id) >> \(begun); exec sleep 1000")
            try send("start", id, "start_process", #"{"config":{"name":"\#(id)","command":\#(command)}}"#)
            try take()
            try? await Task.sleep(for: .milliseconds(20))
        }
        // A new task waits for the last answers, because this one is cancelled.
        try await Task {
            try await eventually("the last stops") {
                try await bench.entries().values.allSatisfy { $0["state"] != "stopping" }
            }
            try await requester.settle()
        }.value
        try take(thenStop: false)
        return (started, stopped)
    }

    private func send(_ kind: String, _ id: String, _ method: String, _ arguments: String) throws {
        try requester.send(
            bench.topic("control"), Array(#"{"method":"\#(method)","args":\#(arguments)}"#.utf8), qos: 1,
            properties: .init(responseTopic: "pm/reply/\(kind)/\(id)"))
    }
}

extension AgentBench {
    /// Checks that the running processes are those that the agent lists and has retained, and that none was started
    /// twice.
    ///
    /// - Returns: their pids, by process id.
    @discardableResult
    func expectConsistent(
        begun: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String: Int] {
        let pids = try await pids()
        let there = Set(agent.descendants.map(\.pid))
        #expect(there == Set(pids.values), sourceLocation: sourceLocation)
        #expect(try await retainedPIDs() == pids, sourceLocation: sourceLocation)
        let name = String(begun.split(separator: "/").last ?? "")
        let names = agent.folder.read(name).split(separator: "\n")
        #expect(names.count == Set(names).count, "started twice", sourceLocation: sourceLocation)
        return pids
    }
}
