import Model
import Testing

@testable import Routing

struct AccessListTests {
    private static let file = """
        # anonymous clients
        topic read pm/+/health

        user operator
        topic readwrite pm/#
        topic deny pm/vault/control
        user web admin
        topic write pm/web/control
        user viewer
        topic read pm/#
        user both
        topic pm/alpha/control
        pattern write pm/%u/control
        pattern deny pm/secret/%c
        pattern write pm/%c/%c
        """

    private func allows(_ user: String?, _ topic: String, clientID: String = "c") throws -> Bool {
        try AccessList(Self.file).allowsPublishing(on: topic, user: user, clientID: clientID)
    }

    /// To Swift, a slash with a combining accent is not a slash, and both spellings of é are equal.
    @Test func `bytes are compared, not characters`() throws {
        let list = try AccessList(
            "user caf\u{E9}\ntopic write pm/+\ntopic deny pm/vault/#\ntopic write x/\u{E9}\ntopic write y/#")
        func allows(_ topic: String, _ user: String = "caf\u{E9}") -> Bool {
            list.allowsPublishing(on: topic, user: user, clientID: "c")
        }
        #expect(allows("pm/a") && allows("x/\u{E9}") && allows("y/\u{301}"))
        #expect(!allows("pm/vault/\u{301}") && !allows("x/e\u{301}") && !allows("pm/a", "cafe\u{301}"))
    }

    @Test(arguments: [
        (nil, "pm/a/control", false), (nil, "pm/a/health", false), ("operator", "pm/a/control", true),
        ("operator", "pm/vault/control", false), ("operator", "pm", true), ("operator", "x", false),
        ("web admin", "pm/web/control", true), ("web admin", "pm/other/control", false),
        ("viewer", "pm/a/control", false), ("both", "pm/alpha/control", true), ("both", "pm/both/control", true),
        ("h1", "pm/h1/control", true), ("h1", "pm/h2/control", false), ("h1", "pm/c/c", true), ("h1", "pm/c/d", false),
        ("secret", "pm/secret/control", true), ("unknown", "pm/a/control", false),
    ])
    func `the decision is the broker's`(user: String?, topic: String, isAllowed: Bool) throws {
        #expect(try allows(user, topic) == isAllowed)
    }

    @Test func `a denial comes first at any place`() throws {
        #expect(try !allows("secret", "pm/secret/control", clientID: "control"))
        #expect(try allows("secret", "pm/secret/control", clientID: "other"))
    }

    @Test func `a name with a wildcard gets no rights from patterns`() throws {
        for name in ["+", "#", "a/#", "a+"] {
            #expect(try !allows(name, "pm/\(name)/control"))
            #expect(try !allows("h1", "pm/h1/control", clientID: name))
        }
    }

    /// Strings that Swift takes for equal are two names for the broker.
    @Test func `names are compared byte by byte`() throws {
        let list = try AccessList("user K\ntopic write pm/a/control\npattern write pm/%c/control\n")
        #expect(list.allowsPublishing(on: "pm/a/control", user: "K", clientID: "c"))
        #expect(!list.allowsPublishing(on: "pm/a/control", user: "\u{212A}", clientID: "c"))
        #expect(list.allowsPublishing(on: "pm/K/control", user: "x", clientID: "K"))
        #expect(!list.allowsPublishing(on: "pm/K/control", user: "x", clientID: "\u{212A}"))
    }

    /// To Swift, "\r\n" is one character, and a space with a combining accent is not a space.
    @Test func `lines and words end where they end for the broker`() throws {
        let list = try AccessList("user a\r\ntopic write pm/a/control\r\ntopic deny pm/b/\u{301}x\r\n")
        #expect(list.allowsPublishing(on: "pm/a/control", user: "a", clientID: "c"))
        #expect(throws: Failure.self) { try AccessList("topic \u{301}read x\n") }
    }

    @Test func `an empty file allows nothing`() throws {
        #expect(try !AccessList("").allowsPublishing(on: "pm/a/control", user: "a", clientID: "a"))
        #expect(try !AccessList("# only words\n\n").allowsPublishing(on: "x", user: nil, clientID: "a"))
    }

    @Test(arguments: [
        ("user\n", 1), ("user   \n", 1), ("topic\n", 1), ("\ntopic read\n", nil), ("topic rw pm/#\n", 1),
        ("topic read pm/#/x\n", 1), ("topic write pm/a+\n", 1), ("topics pm/#\n", 1), ("#\n#\npattern deny\tx y#\n", 3),
    ])
    func `an invalid line is reported with its number`(text: String, line: Int?) {
        do {
            _ = try AccessList(text)
            #expect(line == nil)
        } catch {
            #expect(line.map { error.detail.hasPrefix("line \($0): ") } == true, "\(error.detail)")
        }
    }
}
