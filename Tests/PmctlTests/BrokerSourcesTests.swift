import JSONCodec
import Testing

@testable import pmctl

/// Which broker is used: flags, variables and contexts.
struct BrokerSourcesTests {
    private func sources(
        flags: [String: String] = [:], variables: [String: String] = [:], name: String? = nil, variable: String? = nil,
        current: String? = "home"
    ) throws -> BrokerSources {
        try BrokerSources(flags: flags, variables: variables, name: name, variable: variable) {
            () throws(CommandError) in
            var file = try ContextFile(
                [
                    "contexts": [
                        "home": ["broker": "mqtt://home", "user": "me", "password_file": "/p"],
                        "work": ["broker": "mqtts://work", "user": "ops", "ca": "/ca"],
                    ]
                ], path: "/c")
            file.current = current
            return file
        }
    }

    @Test func `the current context is used where nothing else is said`() throws {
        let home = try sources()
        #expect(home.url == "mqtt://home" && home.origin == "context home")
        #expect(home.settings == ["user": "me", "password_file": "/p"])
        #expect(try sources(current: nil).url == BrokerSources.fallback)
        #expect(try sources(current: nil).origin == "the default")
        #expect(try sources(variable: "work").url == "mqtts://work")
    }

    @Test func `another broker does not get the credentials of the current context`() throws {
        let flag = try sources(flags: ["broker": "mqtt://b"])
        #expect(flag.url == "mqtt://b" && flag.settings.isEmpty && flag.origin == "--broker")
        let variable = try sources(variables: ["broker": "mqtt://b", "user": "u"])
        #expect(variable.url == "mqtt://b" && variable.settings == ["user": "u"] && variable.origin == "PM_BROKER")
        #expect(try sources(variables: ["broker": "mqtt://b"], variable: "work").settings.isEmpty)
    }

    @Test func `single variables and flags replace fields of the context`() throws {
        let sources = try sources(flags: ["user": "f"], variables: ["password": "secret", "user": "v"])
        #expect(sources.url == "mqtt://home" && sources.settings == ["user": "f", "password": "secret"])
    }

    @Test func `a context that is named comes before variables`() throws {
        let named = try sources(variables: ["broker": "mqtt://b", "user": "v", "cert": "/c"], name: "work")
        #expect(named.url == "mqtts://work" && named.settings == ["user": "ops", "ca": "/ca", "cert": "/c"])
        #expect(named.origin == "context work")
        let both = try sources(flags: ["broker": "mqtts://b"], name: "work")
        #expect(both.url == "mqtts://b" && both.settings == ["user": "ops", "ca": "/ca"])
    }

    @Test func `an unknown context is an error that lists the others`() {
        #expect(throws: CommandError.failed("no such context: x (contexts: home, work)")) { try sources(name: "x") }
    }

    @Test(arguments: [
        ("[]", "not an object"), (#"{"x":1}"#, "unknown field \"x\""),
        (#"{"contexts":[]}"#, "contexts must be an object"),
        (#"{"contexts":{"a":{"brokr":"x"}}}"#, "context a has no field \"brokr\""),
        (#"{"contexts":{"a":{"broker":1}}}"#, "broker of context a must be a string"),
        (#"{"contexts":{"a":{"user":"u"}}}"#, "context a has no broker"),
        (#"{"contexts":{"a":{"broker":"b","password":"p"}}}"#, "context a has no field \"password\""),
        (#"{"current":1}"#, "current must be a string"),
    ]) func `a wrong file is an error that names the field`(text: String, reason: String) throws {
        let json = try Samples.json(text)
        #expect(throws: CommandError.failed("/c: \(reason)")) { try ContextFile(json, path: "/c") }
    }
}
