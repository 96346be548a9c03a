import Glibc
import TestSupport
import Testing

/// `broker/user.sh`, which writes who may do what.
@Suite struct UserTests {
    private let shell: Shell
    private var files: String { "\(shell.folder.path)/d" }

    init() throws { shell = Shell(folder: try TemporaryFolder(), environment: []) }

    @discardableResult
    private func user(_ words: String..., exitCode: Int32 = 0) throws -> String {
        try shell.run(["\(Shell.root)/broker/user.sh", words[0], files] + words.dropFirst(), exitCode: exitCode)
    }

    @Test func `who was added can be taken away again, and the others stay as they are`() throws {
        try user("add", "box", "agent")
        let acl = shell.folder.read("d/acl"), passwords = shell.folder.read("d/passwords")
        for words in [
            ["olive", "operator"], ["guests", "guest", "blue", "red"], ["c", "cluster"], ["bo", "viewer"],
        ] {
            _ = try shell.run(["\(Shell.root)/broker/user.sh", "add", files] + words)
        }
        #expect(shell.folder.read("d/acl").contains("\nuser guests\ntopic read pm/blue/control\n"))
        let password = shell.folder.read("d/olive.password")
        #expect(password.utf8.count == 33 && !shell.folder.read("d/passwords").contains(password.dropLast()))
        for name in ["guests", "olive", "bo", "c"] { try user("remove", name) }
        #expect(shell.folder.read("d/acl") == acl && shell.folder.read("d/passwords") == passwords)
        #expect(TemporaryFolder.names(in: files) == ["acl", "box.password", "passwords"])
    }

    @Test func `passwords are for their owners alone`() throws {
        try user("add", "box", "agent")
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
    func `nothing is written for a wrong name or role`(words: [String]) throws {
        try user("add", "there", "agent")
        let acl = shell.folder.read("d/acl"), passwords = shell.folder.read("d/passwords")
        let output = try shell.run(
            ["\(Shell.root)/broker/user.sh", words[0], files] + words.dropFirst(), exitCode: 1)
        #expect(output.hasPrefix("user.sh: "), "\(output)")
        #expect(shell.folder.read("d/acl") == acl && shell.folder.read("d/passwords") == passwords)
        #expect(TemporaryFolder.names(in: files) == ["acl", "passwords", "there.password"])
    }
}
