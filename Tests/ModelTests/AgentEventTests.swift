import Model
import Testing

struct AgentEventTests {
    private let web: Name

    init() throws { web = try #require(Name("web")) }

    @Test func `the text of each event says what an operator asks`() {
        let failure = Failure(.notAllowed, "not in the policy")
        let events: [(AgentEvent, LogLevel, String)] = [
            (.started(web, pid: 7, restarts: 0), .info, "web started (pid 7)"),
            (.started(web, pid: 7, restarts: 2), .info, "web started (pid 7, restart 2)"),
            (.exited(web, pid: 7, .exited(code: 0), uptime: 1.234), .info, "web ended with exit code 0 after 1.23 s"),
            (.exited(web, pid: 7, .exited(code: 3), uptime: 12.7), .warning, "web ended with exit code 3 after 13 s"),
            (.exited(web, pid: 7, .signaled(9), uptime: 0), .warning, "web ended with SIGKILL after 0 s"),
            (.exited(web, pid: 7, .signaled(40), uptime: 2), .warning, "web ended with signal 40 after 2 s"),
            (.exited(web, pid: nil, nil, uptime: 2), .warning, "web ended with an unknown exit status after 2 s"),
            (.stopped(web, pid: 7, .signaled(15), uptime: 3_600), .info, "web was stopped (SIGTERM) after 3600 s"),
            (.restarting(web, in: 0.5, nil), .warning, "web restarts in 0.5 s"),
            (
                .restarting(web, in: 20, "no such file"), .warning,
                "web restarts in 20 s, because it can't be started: no such file"
            ),
            (.failed(web, "exit code 1"), .error, "web has failed: exit code 1"),
            (.health([]), .info, "health is good"), (.health(["a", "b"]), .warning, "health is bad: a; b"),
            (
                .refused("start_process of web", failure, requester: "olive"), .warning,
                "refused start_process of web of olive: not_allowed: not in the policy"
            ),
            (
                .refused("apply", failure, requester: nil), .warning, "refused apply: not_allowed: not in the policy"
            ),
        ]
        for (event, level, message) in events {
            #expect(event.message == message)
            #expect(event.level == level, "\(message)")
        }
    }

    @Test func `levels have names, and the important ones are less`() {
        for level in LogLevel.allCases { #expect(LogLevel(name: level.name) == level) }
        #expect(LogLevel(name: "notice") == nil)
        #expect(LogLevel.allCases.sorted() == [.error, .warning, .info, .debug])
    }
}
