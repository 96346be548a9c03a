import Glibc
import TestSupport

/// A requester that sends starts and stops, and repeats a request with the same `id` if it gets no answer.
struct RetryingLoad {
    /// The path of the file into which each process writes its name when it begins.
    let begun: String
    /// The pids of processes that were started and not stopped.
    private(set) var started: [String: Int] = [:]
    private(set) var stopped: Set<String> = []
    /// Requests without an answer, by `id`, which is `start.<process id>` or `stop.<process id>`.
    private var open: [String: String] = [:]
    private var count = 0

    init(begun: String) { self.begun = begun }

    /// Sends requests without waiting for their answers.
    mutating func send(_ requests: Int, to bench: AgentBench) async throws {
        let client = try await TestClient(bench.broker)
        let watcher = try await bench.watcher(of: "pm/reply/#")
        let victims = started.keys.sorted().prefix(requests / 4).map { ("stop", $0) }
        let newcomers = (victims.count..<requests).map { ("start", "n\(count + $0)") }
        count += requests
        for (kind, id) in victims + newcomers {
            // With its timestamp, a repeated request is a duplicate.
            let request = request(kind, id) + #","timestamp":\#(time(nil))"#
            open["\(kind).\(id)"] = request
            try Self.send("\(kind).\(id)", request, bench.topic("control"), client)
        }
        // By the first answer, some requests are executed, some answered, and some still queued.
        _ = try await watcher.next { _ in true }
    }

    /// Repeats the open requests, and waits until all are answered.
    ///
    /// - Parameter client: subscribed to `pm/reply/#`.
    mutating func finish(_ control: String, _ client: TestClient) async throws {
        for (id, request) in open { try Self.send(id, request, control, client) }
        while !open.isEmpty {
            let message = try await client.next { $0.topic.hasPrefix("pm/reply/load/") }
            let words = message.topic.dropFirst("pm/reply/load/".count).split(separator: ".").map(String.init)
            guard open.removeValue(forKey: words.joined(separator: ".")) != nil else { continue }
            let result = try message.value["result"]
            guard result?["status"] == "success" else { throw TestError("\(message)") }
            if words[0] == "start" {
                started[words[1]] = result?["pid"]?.integer
            } else {
                started[words[1]] = nil
                stopped.insert(words[1])
            }
        }
    }

    private func request(_ kind: String, _ id: String) -> String {
        guard kind == "start" else { return #""method":"kill_process","args":{"process_id":"\#(id)"}"# }
        let command = shell("echo \(id) >> \(begun); exec sleep 1000")
        return #""method":"start_process","args":{"config":{"name":"\#(id)","command":\#(command)}}"#
    }

    private static func send(_ id: String, _ request: String, _ control: String, _ client: TestClient) throws {
        let text = #"{"id":"\#(id)","reply_to":"pm/reply/load/\#(id)",\#(request)}"#
        try client.send(control, Array(text.utf8), qos: 1)
    }
}
