import TestSupport
import Testing

extension AgentBench {
    /// Waits until the entry of a process matches.
    @discardableResult
    func entry(
        _ id: String, _ what: String = "entry", where matches: @escaping @Sendable (JSONValue) -> Bool
    ) async throws -> JSONValue {
        let watcher = try await watcher(of: topic("process/\(id)"))
        return try await watcher.next { (try? $0.value).map(matches) ?? false }.value
    }

    /// Waits until the health reasons are exactly these. Without reasons, health is good.
    func health(_ reasons: [String]) async throws {
        let watcher = try await watcher(of: topic("health"))
        let wanted = JSONValue.array(reasons.map { .string($0) })
        let health = try await watcher.next { (try? $0.value)?["reasons"] == wanted }.value
        #expect(health["health"]?.string == (reasons.isEmpty ? "good" : "bad"))
    }

    /// Checks the error of a method that fails.
    func expectFailure(
        _ name: String, _ arguments: String, _ code: String, _ detail: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        expectFailure(in: try await method(name, arguments), code, detail, arguments, sourceLocation)
    }

    func expectFailure(
        _ request: Request, _ code: String, _ detail: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        expectFailure(in: try await method(request), code, detail, request.text, sourceLocation)
    }

    private func expectFailure(
        in result: JSONValue, _ code: String, _ detail: String, _ request: String, _ sourceLocation: SourceLocation
    ) {
        #expect(
            result["error"] == ["code": .string(code), "detail": .string(detail)], "\(request)",
            sourceLocation: sourceLocation)
        #expect(result["status"] == "failed", sourceLocation: sourceLocation)
    }

    /// Resets a process and returns its new pid.
    func reset(_ id: String) async throws -> Int? {
        try await method(.resetProcess(id))["pid"]?.integer
    }

    /// Stops a process and checks that the answer reports success.
    func kill(_ id: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expectMethod(
            .killProcess(id),
            ["status": "success", "message": "process kill successfully"], sourceLocation: sourceLocation)
    }

    /// Stops the agent and starts it again with the same state directory.
    func restartAgent() async throws {
        try await agent.stop()
        try agent.start()
        try await isOnline()
    }
}

/// A config's `command` that runs a script in a shell. The script may contain single quotes, but no double quotes.
func shell(_ script: String) -> String { #"["/bin/sh","-c","\#(script)"]"# }

/// A config's `command` that runs `test-child` with options.
func testChild(_ options: String) throws -> String { "\"\(try Binaries.testChild) \(options)\"" }
