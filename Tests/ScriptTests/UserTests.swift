import Glibc
import TestSupport
import Testing

/// `broker/user.sh`, which writes the broker's passwords and ACL.
@Suite struct UserTests {
    private let shell: Shell
    private var files: String { "\(shell.folder.path)/d" }

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: []) }

    @discardableResult
    private func user(_ words: String..., exitCode: Int32 = 0) async throws -> String {
        try await shell.run(["\(Shell.root)/broker/user.sh", words[0], files] + words.dropFirst(), exitCode: exitCode)
    }

    @Test func `a user that was added can be removed, and other users do not change`() async throws {
        try await user("add", "box", "agent")
        let acl = shell.folder.read("d/acl"), passwords = shell.folder.read("d/passwords")
        for words in [
            ["olive", "operator"], ["guests", "guest", "blue", "red"], ["c", "cluster"], ["bo", "viewer"],
        ] {
            _ = try await shell.run(["\(Shell.root)/broker/user.sh", "add", files] + words)
        }
        #expect(shell.folder.read("d/acl").contains("\nuser guests\ntopic read pm/blue/control\n"))
        let password = shell.folder.read("d/olive.password")
        #expect(password.utf8.count == 33 && !shell.folder.read("d/passwords").contains(password.dropLast()))
        for name in ["guests", "olive", "bo", "c"] { try await user("remove", name) }
        #expect(shell.folder.read("d/acl") == acl && shell.folder.read("d/passwords") == passwords)
        #expect(TemporaryFolder.names(in: files) == ["acl", "box.password", "passwords"])
    }

    private var acl: String { shell.folder.read("d/acl") }

    /// Patterns in an ACL apply to all users, also within the block of one.
    @Test(arguments: ["agent", "operator", "viewer", "cluster", "guest"])
    func `patterns and comments that were written by hand stay`(role: String) async throws {
        let guests = role == "guest" ? ["blue", "red"] : []
        func add(_ name: String) async throws {
            _ = try await shell.run(["\(Shell.root)/broker/user.sh", "add", files, name, role] + guests)
        }
        try await add("a")
        let first = acl
        try await add("b")
        let block = String(acl.dropFirst(first.count))
        try await add("c")
        let last = String(acl.dropFirst(first.count + block.count))
        let byHand = [
            "pattern deny pm/secret/%c", "", "# the next one is for all", "pattern write x/%u", "  pattern read y", "",
            "",
        ].joined(separator: "\n")
        // Before its block, within it, after it, and at the end.
        let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
        let within =
            lines.prefix(4).joined(separator: "\n") + "\n" + byHand + lines.dropFirst(4).joined(separator: "\n")
        try shell.folder.write(first + byHand + within + byHand + last + byHand, to: "d/acl")
        try await user("remove", "b")
        #expect(acl == first + byHand + byHand + byHand + last + byHand)
        try await user("remove", "c")
        try await user("remove", "a")
        #expect(acl == "# Written by broker/user.sh.\n" + String(repeating: byHand, count: 4))
    }

    /// Without the block's `user` line they would belong to the user of the block before.
    @Test func `rights that were added to a block by hand are removed with the user, as comments`() async throws {
        try await user("add", "a", "viewer")
        let first = acl
        try await user("add", "b", "operator")
        let changed = acl.replacing("topic write pm/+/control\n", with: "topic write pm/box/control\n# only that\n")
        try shell.folder.write(changed + "\nuser  b \ntopic read other/#\n", to: "d/acl")
        try await user("remove", "b")
        #expect(
            acl == first + "# b had: topic write pm/box/control\n# only that\n\n# b had: user  b \n"
                + "# b had: topic read other/#\n")
        // A role is changed by removing and adding the user.
        let before = acl
        try await user("add", "b", "viewer")
        #expect(
            acl == before + "\n# viewer\nuser b\ntopic read pm/#\ntopic write pm/+/watch\ntopic write pm/reply/b/#\n")
        try await user("add", "b", "operator", exitCode: 1)
        try await user("remove", "b")
        #expect(acl == before)
    }

    /// What version 0.2.0 wrote for each role.
    private static let formerBlocks = [
        "# agent\nuser box\n" + formerHost("box") + answers,
        "# guest\nuser inner\n" + formerHost("blue") + formerHost("red") + answers,
        "# operator\nuser olive\ntopic read pm/#\ntopic write pm/+/control\ntopic write pm/cluster/+/control\n"
            + "topic write pm/reply/olive/#\n",
        "# viewer\nuser bo\ntopic read pm/#\ntopic write pm/reply/bo/#\n",
        "# cluster\nuser c\ntopic readwrite pm/#\ntopic deny pm/hub/hosts\ntopic deny pm/hub/status\n",
    ]
    private static let answers =
        "topic write pm/hub/response\ntopic write pm/reply/#\ntopic deny pm/reply/cluster/#\n"

    private static func formerHost(_ name: String) -> String {
        ["read control", "readwrite status", "readwrite process/+", "write info", "write health", "write response"]
            .map { "topic \($0.replacing(" ", with: " pm/\(name)/"))\n" }.joined()
            + "topic write pm/\(name)/audit\ntopic write pm/\(name)/log/+/+\n"
    }

    private func write(_ acl: String) throws {
        mkdir(files, 0o700)
        try shell.folder.write(acl, to: "d/acl")
    }

    /// The rights of a user, in any order.
    private func rights(of name: String) -> Set<Substring> {
        let lines = acl.split(separator: "\n")
        return Set(
            lines.drop { $0 != "user \(name)" }.dropFirst().prefix { !$0.hasPrefix("user ") && !$0.hasPrefix("#") })
    }

    @Test func `an update gives every role the rights that a new user has, and a second one changes nothing`()
        async throws
    {
        try write("# By hand.\npattern read x/%u\n\n" + Self.formerBlocks.joined(separator: "\n"))
        let names = ["box", "inner", "olive", "bo", "c"]
        #expect(try await user("update") == names.map { "\($0)\n" }.joined())
        let updated = acl
        #expect(try await user("update").isEmpty && acl == updated)
        let byName = Dictionary(uniqueKeysWithValues: names.map { ($0, rights(of: $0)) })
        #expect(
            byName["box"]?.isSuperset(
                of: ["write event", "write usage", "readwrite health", "read watch"].map {
                    "topic \($0.replacing(" ", with: " pm/box/"))"[...]
                }) == true)
        #expect(byName["c"]?.contains("topic deny pm/hub/host/#") == true)
        for (name, role) in zip(names, [["agent"], ["guest", "blue", "red"], ["operator"], ["viewer"], ["cluster"]]) {
            try await user("remove", name)
            _ = try await shell.run(["\(Shell.root)/broker/user.sh", "add", files, name] + role)
            #expect(rights(of: name) == byName[name])
        }
        #expect(acl.hasPrefix("# By hand.\npattern read x/%u\n"))
    }

    /// Only rights that are newer than the block are added, and none that is commented out.
    @Test func `an update keeps what was written and removed by hand`() async throws {
        let first = Self.formerBlocks[3]
        let operators = Self.formerBlocks[2].replacing("write pm/+/control", with: "write pm/box/control\n# only that")
        let byHand =
            "# topic write pm/+/watch\npattern read y\n\nuser mary\ntopic read #\nuser olive\ntopic read other/#\n"
        try write("\(first)\n\(operators)\(byHand)\n\(Self.formerBlocks[0])")
        #expect(try await user("update", "olive").isEmpty)
        #expect(acl == "\(first)\n\(operators)\(byHand)\n\(Self.formerBlocks[0])")
        #expect(try await user("update", "bo", "olive") == "bo\n")
        #expect(acl == "\(first)topic write pm/+/watch\n\n\(operators)\(byHand)\n\(Self.formerBlocks[0])")
        let before = acl
        let output = try await user("update", "bo", "mary", exitCode: 1)
        #expect(output == "user.sh: mary has no block that add has written\n" && acl == before)
        #expect(try await user("update") == "box\n")
    }

    @Test func `a user that an older version added is removed completely`() async throws {
        try write(Self.formerBlocks.joined(separator: "\n"))
        for name in ["box", "inner", "olive", "bo", "c"] { try await user("remove", name) }
        #expect(acl.isEmpty)
    }

    /// For awk, 1 and 1.0 are the same number; for grep, a dot matches any character.
    @Test(arguments: [
        ["1", "1.0", "01", "1e0", "10"], ["a.b", "axb", "a", "a.b.c", "A.B"], ["box", "box-1", "bo", "box1", "my-box"],
    ])
    func `similar names are different users`(names: [String]) async throws {
        for name in names { try await user("add", name, "viewer") }
        for name in names {
            let acl = acl, passwords = shell.folder.read("d/passwords")
            try await user("remove", name)
            let block =
                "\n# viewer\nuser \(name)\ntopic read pm/#\ntopic write pm/+/watch\ntopic write pm/reply/\(name)/#\n"
            #expect(self.acl == acl.replacing(block, with: "") && acl != self.acl)
            let lines = passwords.split(separator: "\n").filter { !$0.hasPrefix("\(name):") }
            #expect(shell.folder.read("d/passwords").split(separator: "\n") == lines)
        }
    }

    @Test func `password files are readable only for their owners`() async throws {
        try await user("add", "box", "agent")
        for (name, mode) in [("box.password", 0o600), ("acl", 0o640), ("passwords", 0o640)] as [(String, mode_t)] {
            var info = stat()
            #expect(stat("\(files)/\(name)", &info) == 0 && info.st_mode & 0o777 & ~mode == 0, "\(name)")
        }
    }

    @Test(arguments: [
        ["add", "a/b", "agent"], ["add", "+", "agent"], ["add", "#", "viewer"], ["add", "a b", "viewer"],
        ["add", "", "viewer"],
        ["add", ".a", "viewer"], ["add", "a:b", "viewer"], ["add", "a\ntopic #", "viewer"], ["add", "ä", "viewer"],
        ["add", "hub", "agent"], ["add", "cluster", "operator"], ["add", "reply", "viewer"], ["add", "x", "root"],
        ["add", "x"],
        ["add", "x", "guest"], ["add", "x", "guest", "y", "#"], ["add", "x", "viewer", "y"],
        ["add", "there", "viewer"], ["be"],
        ["add", String(repeating: "a", count: 64), "agent"],
    ])
    func `nothing is written for an invalid name or role`(words: [String]) async throws {
        try await user("add", "there", "agent")
        let acl = shell.folder.read("d/acl"), passwords = shell.folder.read("d/passwords")
        let output = try await shell.run(
            ["\(Shell.root)/broker/user.sh", words[0], files] + words.dropFirst(), exitCode: 1)
        #expect(output.hasPrefix("user.sh: "), "\(output)")
        #expect(shell.folder.read("d/acl") == acl && shell.folder.read("d/passwords") == passwords)
        #expect(TemporaryFolder.names(in: files) == ["acl", "passwords", "there.password"])
    }
}
