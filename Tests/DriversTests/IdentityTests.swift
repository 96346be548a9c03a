import Drivers
import Glibc
import LinuxSystem
import Model
import Testing

/// The account, umask, priority and limits in an `exec` launch plan.
@Suite struct IdentityTests {
    private static func plan(_ change: (inout ProcessSpec) -> Void) throws -> LaunchPlan {
        var spec = ProcessSpec(invocation: .program(path: "/bin/true", arguments: []))
        change(&spec)
        return try ExecDriver(as: nil).plan(
            spec, as: Name(sanitizing: "a", fallback: "a"), seeing: FileView())
    }

    @Test func `by default a process runs with the agent's identity and limits`() throws {
        let plan = try Self.plan { _ in }
        #expect(plan.account == nil && plan.umask == nil && plan.nice == nil)
        #expect(plan.openFiles == nil && plan.coreSize == nil && plan.dataSize == nil)
        #expect(plan.environment.contains("USER=\(User.current.name)"))
    }

    @Test func `umask, nice and limits are in the plan`() throws {
        let plan = try Self.plan { spec in
            spec.identity.umask = 0o77
            spec.identity.nice = -5
            spec.identity.oomScore = 700
            spec.limits.openFiles = 10
            spec.limits.core = 0
        }
        #expect(
            plan.umask == 0o77 && plan.nice == -5 && plan.oomScore == 700 && plan.openFiles == 10 && plan.coreSize == 0)
    }

    @Test func `the agent's own user needs no account in the plan`() throws {
        let plan = try Self.plan { $0.identity.user = "\(geteuid())" }
        #expect(plan.account == nil)
    }

    @Test func `another account sets HOME and USER`() throws {
        let nobody = try Account.find(user: "nobody", group: nil)
        guard geteuid() == 0 else {
            let refusal = Failure(.notAllowed, "only root can run processes as nobody")
            #expect(throws: refusal) { try Self.plan { $0.identity.user = "nobody" } }
            return
        }
        let plan = try Self.plan { spec in
            spec.identity.user = "nobody"
            spec.environment = [EnvironmentVariable(name: "USER", value: "me")]
        }
        #expect(plan.account == nobody && plan.environment.contains("HOME=\(nobody.home)"))
        #expect(plan.environment.contains("USER=me") && !plan.environment.contains("USER=nobody"))
    }

    @Test func `an unknown user or group is an error`() throws {
        #expect(throws: Failure(.invalidArgument, "no such user: no-such")) {
            try Self.plan { $0.identity.user = "no-such" }
        }
        #expect(throws: Failure(.invalidArgument, "no such group: no-such")) {
            try Self.plan { $0.identity.group = "no-such" }
        }
    }
}
