import LinuxSystem
import Model
import Testing

@testable import AgentRuntime

/// Followers and the search for a line, without a process.
struct OutputSubscribersTests {
    private let subscriptions: OutputSubscriptions
    private let web = Name(test: "web")

    init() throws { subscriptions = OutputSubscriptions(loop: try EventLoop()) }

    private func write(_ text: String, on stream: LogStream = .stdout) {
        subscriptions[web]?.see(Array(text.utf8)[...], on: stream)
    }

    @Test func `a process has subscribers only when they are needed, and until it is forgotten`() {
        #expect(subscriptions[web] == nil)
        let subscribers = subscriptions.subscribers(of: web)
        #expect(subscriptions.subscribers(of: web) === subscribers && subscriptions[web] === subscribers)
        subscriptions.remove(web)
        #expect(subscriptions[web] == nil)
    }

    @Test func `a line is found once, and only during the run that was asked for`() {
        var found = 0
        subscriptions.subscribers(of: web).match("ready") { found += 1 }
        write("starting\nrea")
        #expect(found == 0)
        write("dy\nready\n")
        #expect(found == 1)
        subscriptions.subscribers(of: web).match("ready") { found += 1 }
        subscriptions[web]?.ended()
        write("ready\n")
        #expect(found == 1)
    }

    @Test func `a stream has one follower, which gets the last line at the end of a run`() {
        var lines: [String] = []
        for _ in 0..<2 {
            subscriptions.subscribers(of: web).follow(.stdout, seconds: 60, rate: 1 << 20) {
                lines.append(String(decoding: $0, as: UTF8.self))
            }
        }
        write("no end")
        write("other\n", on: .stderr)
        subscriptions[web]?.ended()
        #expect(lines.joined().contains("no end") && lines.count == 1 && !lines.joined().contains("other"))
        subscriptions[web]?.unfollow([.stdout])
        write("later\n")
        subscriptions[web]?.ended()
        #expect(lines.count == 1)
    }
}
