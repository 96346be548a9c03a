import TestSupport
import Testing

extension AgentBench {
    /// Sends a request and checks that the answer is exactly this.
    func expect(_ request: String, _ answer: JSONValue, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        let actual = try await ask(request)
        #expect(actual == answer, "\(request.prefix(200))", sourceLocation: sourceLocation)
    }

    func expect(_ request: Request, _ answer: JSONValue, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        try await expect(request.text, answer, sourceLocation: sourceLocation)
    }

    func expectMethod(
        _ request: Request, _ result: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let actual = try await method(request)
        #expect(actual == result, "\(request.text.prefix(200))", sourceLocation: sourceLocation)
    }

    /// Calls a method and checks that `result` is exactly this.
    func expectMethod(
        _ name: String, _ arguments: String = "{}", _ result: JSONValue,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let actual = try await method(name, arguments)
        #expect(actual == result, "\(name) \(arguments.prefix(200))", sourceLocation: sourceLocation)
    }

    /// Starts a process and returns its pid.
    func start(config: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
        let result = try await method("start_process", #"{"config":\#(config)}"#)
        return try #require(result["pid"]?.integer, "\(result)", sourceLocation: sourceLocation)
    }

    func start(_ config: ProcessConfig, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
        try await start(config: config.text, sourceLocation: sourceLocation)
    }

    func entry(_ id: String) async throws -> JSONValue {
        let entries = try await method("get_processes")["process"]?.array ?? []
        return try #require(entries.first { $0["process_id"]?.string == id }, "no \(id) in \(entries)")
    }

    /// Waits until a process is in a state.
    @discardableResult
    func state(_ state: String, of id: String) async throws -> JSONValue {
        let watcher = try await watcher(of: topic("process/\(id)"))
        return try await watcher.next { (try? $0.value)?["state"]?.string == state }.value
    }
}
