/// What somebody wants to run.
package struct ProcessSpec: Equatable, Sendable {
    /// The process id asked for; without one the agent makes `<program>-<n>`.
    package var name: Name?
    /// The driver that launches it.
    package var driver: String
    package var invocation: Invocation
    /// Added to the clean base environment, in this order.
    package var environment: [EnvironmentVariable]

    package init(
        name: Name? = nil, driver: String = "exec", invocation: Invocation, environment: [EnvironmentVariable] = []
    ) {
        self.name = name
        self.driver = driver
        self.invocation = invocation
        self.environment = environment
    }
}

extension ProcessSpec {
    package enum Invocation: Equatable, Sendable {
        /// A program by its full path and argv[1…], as `start_process` of the BlueZero dialect gives it.
        case program(path: String, arguments: [String])
        /// A command line and the place it belongs to, as `config` of the method dialect gives it.
        case command(words: [String], path: String?)

        /// What the process is called after when nobody named it.
        package var programName: String {
            let program =
                switch self {
                case .program(let path, _): path
                case .command(let words, let path): words.first ?? path ?? ""
                }
            return String(program.split(separator: "/").last ?? "")
        }
    }
}

package struct EnvironmentVariable: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
