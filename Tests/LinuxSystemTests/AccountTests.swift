import Glibc
import LinuxSystem
import Testing

/// Uses the host's own user database.
@Suite struct AccountTests {
    @Test func `a user is found by name and by number`() throws {
        let nobody = try Account.find(user: "nobody", group: nil)
        #expect(nobody.name == "nobody" && nobody.user != 0 && nobody.groups.contains(nobody.group))
        #expect(try Account.find(user: "\(nobody.user)", group: nil) == nobody)
    }

    @Test func `a number needs no entry in the user database`() throws {
        let account = try Account.find(user: "3999999999", group: nil)
        #expect(account.user == 3_999_999_999 && account.group == 3_999_999_999 && account.groups == [account.group])
        #expect(account.name == "3999999999" && account.home == "/")
    }

    @Test func `a group may differ from the user's`() throws {
        let account = try Account.find(user: "nobody", group: "daemon")
        let daemon = try Account.find(user: "daemon", group: nil).group
        #expect(account.group == daemon && account.groups.contains(daemon))
        let numbered = try Account.find(user: "nobody", group: "123456")
        #expect(numbered.group == 123_456 && numbered.groups.contains(123_456))
    }

    @Test func `without a user the account is this program's`() throws {
        let account = try Account.find(user: nil, group: "123456")
        #expect(account.user == geteuid() && account.group == 123_456 && account.groups == [123_456])
        #expect(account.name == User.current.name && account.home == User.current.home && !account.isOwn)
        #expect(try Account.find(user: "\(geteuid())", group: "\(getegid())").isOwn)
    }

    @Test func `an unshared account has a number without an entry`() throws {
        // A container may have too few numbers.
        guard let account = Account.unshared(group: nil) else { return }
        #expect(account.user == 0x7000_0000 + UInt32(getpid()) && account.group == account.user)
        #expect(account.groups == [account.group] && getpwuid(account.user) == nil)
        let daemon = try Account.find(user: "daemon", group: nil).group
        let other = try #require(Account.unshared(group: "daemon"))
        #expect(other.user == account.user && other.group == daemon && other.groups == [daemon])
    }

    @Test(arguments: ["no-such-user", "", "-1", "4294967295", "4294967296", "1x"])
    func `an unknown name is refused`(name: String) {
        #expect(throws: AccountError(reason: "no such user: \(name)")) { try Account.find(user: name, group: nil) }
        #expect(throws: AccountError(reason: "no such group: \(name)")) { try Account.find(user: nil, group: name) }
    }
}
