import Drivers
import Glibc
import LinuxSystem
import Model
import TestSupport
import Testing

/// What a policy allows.
@Suite struct PolicyTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for path in ["allowed", "allowed/deep", "other"] { mkdir("\(folder.path)/\(path)", 0o755) }
        for name in ["allowed/tool", "allowed/deep/tool", "other/tool"] {
            try folder.write("#!/bin/sh\n", to: name)
            chmod("\(folder.path)/\(name)", 0o755)
        }
        symlink("\(folder.path)/other/tool", "\(folder.path)/allowed/escape")
        symlink("\(folder.path)/allowed/tool", "\(folder.path)/other/entrance")
        symlink("\(folder.path)/other", "\(folder.path)/allowed/way")
    }

    private func policy(_ change: (inout PolicyRules) -> Void) throws -> Policy {
        var rules = PolicyRules()
        change(&rules)
        return try Policy(rules, isTrusted: true, defaultUser: nil)
    }

    /// The program that would be executed.
    private func executable(_ spec: ProcessSpec, under policy: Policy) throws -> String {
        try plan(spec, under: policy).executable
    }

    private func plan(_ spec: ProcessSpec, under policy: Policy) throws(Failure) -> LaunchPlan {
        var spec = spec
        let files = FileView(under: policy)
        try policy.admit(&spec, seeing: files)
        var plan = try ExecDriver(as: nil).plan(spec, as: Name(sanitizing: "a", fallback: "a"), seeing: files)
        try policy.admit(&plan, seeing: files)
        return plan
    }

    private func isRefused(_ policy: Policy, _ change: (inout ProcessSpec) -> Void) -> Bool {
        refusal(policy, change)?.code == .notAllowed
    }

    private func refusal(_ policy: Policy, _ change: (inout ProcessSpec) -> Void) -> Failure? {
        var spec = ProcessSpec(invocation: .program(path: "/bin/true", arguments: []))
        change(&spec)
        do throws(Failure) {
            _ = try plan(spec, under: policy)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("allowed/*", "allowed/tool", true), ("allowed/*", "allowed/deep/tool", false),
        ("allowed/**", "allowed/deep/tool", true), ("allowed/**", "other/tool", false),
        ("allowed/t??l", "allowed/tool", true), ("allowed/t?l", "allowed/tool", false),
        ("allowed/tool", "allowed//./tool", true), ("allowed/**", "allowed/../other/tool", false),
        ("allowed/**", "allowed/escape", false), ("allowed/**", "allowed/way/tool", false),
        ("allowed/**", "other/entrance", true), ("other/**", "other/entrance", false),
        ("allowe", "allowed/tool", false),
        ("allowed", "allowed/tool", false),
    ])
    func `a program is allowed by its path without symbolic links`(pattern: String, path: String, isAllowed: Bool)
        throws
    {
        let policy = try policy { $0.allow = ["\(folder.path)/\(pattern)"] }
        let program = "\(folder.path)/\(path)"
        let words = ["x", "\(folder.path)/nowhere"]
        let invocations: [ProcessSpec.Invocation] = [
            .program(path: program, arguments: ["x"]), .command(words: [program] + words, path: nil),
            .command(words: words, path: program), .command(words: ["./\(path)"], path: folder.path),
            .command(words: ["../" + folder.path.split(separator: "/").last! + "/\(path)"], path: folder.path),
        ]
        for invocation in invocations {
            let spec = ProcessSpec(invocation: invocation)
            if isAllowed {
                let real = try #require(FileSystem.resolved(program))
                #expect(try executable(spec, under: policy) == real, "\(invocation)")
            } else {
                #expect(isRefused(policy) { $0 = spec }, "\(invocation)")
            }
        }
    }

    @Test func `a path that can't be resolved is not matched by its text`() throws {
        let policy = try policy { $0.allow = ["\(folder.path)/allowed/**"] }
        let path = "\(folder.path)/allowed/nowhere/../../other/tool"
        #expect(isRefused(policy) { $0 = ProcessSpec(invocation: .program(path: path, arguments: [])) })
    }

    @Test func `a PATH in a request does not allow other programs`() throws {
        let policy = try policy {
            $0.allow = ["\(folder.path)/allowed/*"]
            $0.environment = ["*"]
        }
        var spec = ProcessSpec(invocation: .command(words: ["tool"], path: nil))
        spec.environment = [EnvironmentVariable(name: "PATH", value: .text("\(folder.path)/other"))]
        #expect(isRefused(policy) { $0 = spec })
        spec.environment = [EnvironmentVariable(name: "PATH", value: .text("\(folder.path)/allowed"))]
        #expect(try executable(spec, under: policy) == "\(folder.path)/allowed/tool")
    }

    @Test func `if programs are listed, variables and their files must be listed too`() throws {
        let preload = EnvironmentVariable(name: "LD_PRELOAD", value: .text("/tmp/x.so"))
        let secret = EnvironmentVariable(name: "KEY", value: .file("/etc/shadow"))
        #expect(isRefused(try policy { $0.allow = ["/bin/true", "/usr/bin/true"] }) { $0.environment = [preload] })
        let named = try policy {
            $0.allow = ["/usr/**", "/bin/*"]
            $0.environment = ["APP_*", "KEY"]
            $0.environmentFiles = ["/etc/app/*"]
        }
        #expect(isRefused(named) { $0.environment = [preload] })
        #expect(isRefused(named) { $0.environment = [secret] })
        #expect(isRefused(named) { $0.environment = [.init(name: "KEY", value: .file("/etc/app/../shadow"))] })
        #expect(!isRefused(named) { $0.environment = [.init(name: "APP_X", value: .text("1"))] })
    }

    @Test func `the file of a variable is the one that was checked`() throws {
        let policy = try policy {
            $0.environment = ["KEY"]
            $0.environmentFiles = ["\(folder.path)/allowed/*"]
        }
        func file(_ path: String) -> EnvironmentVariable {
            EnvironmentVariable(name: "KEY", value: .file("\(folder.path)/\(path)"))
        }
        var spec = ProcessSpec(invocation: .program(path: "/bin/true", arguments: []))
        spec.environment = [file("other/entrance")]
        try policy.admit(&spec, seeing: FileView(under: policy))
        #expect(spec.environment == [file("allowed/tool")])
        for path in ["allowed/escape", "allowed/way/tool", "allowed/nowhere"] {
            #expect(isRefused(policy) { $0.environment = [file(path)] }, "\(path)")
        }
    }

    @Test func `by default, a local broker allows everything`() throws {
        let policy = try Policy(PolicyRules(), isTrusted: true, defaultUser: nil)
        #expect(!policy.restricts && !policy.isClosed)
    }

    @Test func `by default, a remote broker allows nothing`() throws {
        let policy = try Policy(PolicyRules(), isTrusted: false, defaultUser: nil)
        #expect(policy.isClosed)
        for invocation: ProcessSpec.Invocation in [.program(path: "/bin/true", arguments: []), .node(InnerAgent())] {
            var spec = ProcessSpec(driver: invocation.isAgent ? "node" : "exec", invocation: invocation)
            #expect(throws: Failure(.notAllowed, Policy.advice)) {
                try policy.admit(&spec, seeing: FileView(under: policy))
            }
        }
        var rules = PolicyRules()
        rules.allow = ["/**"]
        #expect(try !Policy(rules, isTrusted: false, defaultUser: nil).restricts)
    }

    @Test func `only listed drivers are allowed`() throws {
        let policy = try policy { $0.drivers = ["exec"] }
        #expect(!isRefused(policy) { _ in })
        #expect(isRefused(policy) { $0 = ProcessSpec(driver: "node", invocation: .node(InnerAgent())) })
    }

    @Test(.enabled(if: geteuid() == 0)) func `users and groups are allowed by name or number`() throws {
        var rules = PolicyRules()
        rules.allow = ["/usr/bin/*", "/bin/*"]
        let policy = try Policy(rules, isTrusted: true, defaultUser: "nobody")
        #expect(policy.defaultAccount?.name == "nobody")
        #expect(!isRefused(policy) { $0.identity.user = "65534" })
        for (field, names) in [("user", ["root", "0", "of-no-one"]), ("group", ["root", "0", "of-no-one"])] {
            let refusals = names.map { name in
                refusal(policy) { if field == "user" { $0.identity.user = name } else { $0.identity.group = name } }?
                    .detail.replacing(name, with: "X")
            }
            #expect(Set(refusals).count == 1 && refusals[0]?.hasPrefix("\(field) X is not allowed") == true)
        }
        for user in ["root", "0", "daemon"] { #expect(isRefused(policy) { $0.identity.user = user }, "\(user)") }
        #expect(isRefused(policy) { ($0.identity.user, $0.identity.group) = ("nobody", "root") })
        rules.users = ["daemon"]
        rules.groups = ["adm"]
        let wider = try Policy(rules, isTrusted: true, defaultUser: "nobody")
        #expect(!isRefused(wider) { $0.identity.user = "daemon" })
        #expect(!isRefused(wider) { ($0.identity.user, $0.identity.group) = ("nobody", "adm") })
        #expect(isRefused(wider) { $0.identity.user = "root" })
        rules.users = ["nobody-of-that-name"]
        #expect(throws: AccountError.self) { try Policy(rules, isTrusted: true, defaultUser: nil) }
    }

    @Test func `the policy's limits are added to a spec, and higher ones are refused`() throws {
        let policy = try policy {
            $0.limits.memory = 1 << 30
            $0.limits.openFiles = 100
        }
        var spec = ProcessSpec(invocation: .program(path: "/bin/true", arguments: []))
        try policy.admit(&spec, seeing: FileView(under: policy))
        #expect(spec.limits.memory == 1 << 30 && spec.limits.openFiles == 100 && spec.limits.cpu == nil)
        spec.limits.memory = 1 << 20
        try policy.admit(&spec, seeing: FileView(under: policy))
        #expect(spec.limits.memory == 1 << 20)
        #expect(isRefused(policy) { $0.limits.memory = 1 << 30 + 1 })
        #expect(isRefused(policy) { $0.limits.openFiles = 101 })
        var vm = VMSpec()
        vm.memory = 2048
        #expect(isRefused(policy) { $0 = ProcessSpec(driver: "qemu", invocation: .vm(vm)) })
    }
}
