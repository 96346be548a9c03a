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
