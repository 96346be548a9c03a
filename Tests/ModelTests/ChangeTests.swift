import Model
import Testing

/// How a process is brought from one spec to another.
struct ChangeTests {
    private static let id = Name(sanitizing: "a", fallback: "x")
    private static let plain = ProcessSpec(name: id, invocation: .command(words: ["sleep"], path: nil))

    private func change(_ body: (inout ProcessSpec) -> Void) -> ProcessSpec.Change {
        var other = Self.plain
        body(&other)
        return Self.plain.change(to: other, of: Self.id)
    }

    @Test func `the same spec is no change, even if the agent chose the name`() {
        #expect(change { _ in } == .nothing)
        var unnamed = Self.plain
        unnamed.name = nil
        #expect(unnamed.change(to: Self.plain, of: Self.id) == .nothing)
    }

    @Test func `rules that the agent applies are changed in place`() {
        #expect(change { $0.restart.policy = .always } == .inPlace)
        #expect(change { $0.stop.signal = 2 } == .inPlace)
        #expect(change { $0.stop.grace = 1 } == .inPlace)
        #expect(change { $0.stop.target = .main } == .inPlace)
        #expect(change { $0.log.files = 1 } == .inPlace)
        #expect(change { $0.healthCheck = HealthCheck(probe: .command(["true"])) } == .inPlace)
        #expect(change { $0.isPersistent = true } == .inPlace)
        #expect(change { $0.dependsOn = [Dependency(Self.id)] } == .inPlace)
        #expect(
            change {
                $0.isPersistent = true
                $0.restart.delay = 7
            } == .inPlace)
    }

    @Test func `what is fixed at the launch needs a restart`() {
        #expect(change { $0.invocation = .command(words: ["true"], path: nil) } == .restart)
        #expect(change { $0.environment = [.init(name: "A", value: "b")] } == .restart)
        #expect(change { $0.driver = "other" } == .restart)
        #expect(change { $0.identity.umask = 0o77 } == .restart)
        #expect(change { $0.limits.openFiles = 9 } == .restart)
        #expect(change { $0.standardInput = .open } == .restart)
        #expect(change { $0.ready = ReadyRules(sign: .descriptor(3)) } == .restart)
        #expect(change { $0.schedule = try? CronSchedule("@daily") } == .restart)
        #expect(
            change {
                $0.isPersistent = true
                $0.standardInput = .open
            } == .restart)
    }
}
