/// A config of a process, a node or a VM: what a request says about it.
///
/// Begin with one of the static functions, and add fields, such as `.sleep("a").restart("always").persist()`. Fields
/// without a function of their own are added by ``JSONText/with(_:_:)``.
package struct ProcessConfig: JSONText {
    package var members: [String] = []

    /// - Parameters:
    ///   - command: a program and its arguments.
    ///   - name: the process id; nil leaves the choice to the agent.
    package static func command(_ command: String, name: String? = nil) -> ProcessConfig {
        named(name).with("command", .string(command))
    }

    package static func command(_ words: [String], name: String? = nil) -> ProcessConfig {
        named(name).with("command", .array(words.map { .string($0) }))
    }

    /// Runs a script in a shell.
    package static func shell(_ script: String, name: String? = nil) -> ProcessConfig {
        command(["/bin/sh", "-c", script], name: name)
    }

    /// Runs longer than any test.
    package static func sleep(_ name: String? = nil) -> ProcessConfig { command("sleep 1000", name: name) }

    /// Runs `test-child` with options.
    package static func testChild(_ options: String, name: String? = nil) throws -> ProcessConfig {
        command("\(try Binaries.testChild) \(options)", name: name)
    }

    package static func node(_ name: String) -> ProcessConfig { named(name).with("driver", "node") }

    package static func vm(_ name: String) -> ProcessConfig { named(name).with("driver", "qemu") }

    private static func named(_ name: String?) -> ProcessConfig {
        name.map { ProcessConfig().with("name", .string($0)) } ?? ProcessConfig()
    }

    // MARK: Fields

    package func path(_ path: String) -> ProcessConfig { with("path", .string(path)) }

    package func env(_ variables: JSONValue) -> ProcessConfig { with("env", variables) }

    package func persist() -> ProcessConfig { with("persist", true) }

    /// - Parameter delay: seconds before the first restart.
    package func restart(_ policy: String, delay: Double? = nil) -> ProcessConfig {
        guard let delay else { return with("restart", .string(policy)) }
        return with("restart", ["policy": .string(policy), "delay": .number(delay)])
    }

    package func ready(line: String) -> ProcessConfig { with("ready", ["log_line": .string(line)]) }

    package func ready(fd: Int) -> ProcessConfig { with("ready", ["fd": .integer(fd)]) }

    package func dependsOn(_ ids: String...) -> ProcessConfig {
        with("depends_on", .array(ids.map { .string($0) }))
    }
}
