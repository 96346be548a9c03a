/// What somebody wants to run.
///
/// Its ``Rules`` are members of it: `spec.restart`, `spec.log` and so on.
@dynamicMemberLookup
package struct ProcessSpec: Equatable, Sendable {
    /// The process id asked for; without one the agent makes `<program>-<n>`.
    package var name: Name?
    /// The driver that launches it.
    package var driver: String
    package var invocation: Invocation
    /// Added to the clean base environment, in this order.
    package var environment: [EnvironmentVariable]
    package static let standardDriver = "exec"
    package static let nodeDriver = "node"
    package static let vmDriver = "qemu"

    private var shared = SharedRules.standard

    package init(
        name: Name? = nil, driver: String = standardDriver, invocation: Invocation,
        environment: [EnvironmentVariable] = []
    ) {
        self.name = name
        self.driver = driver
        self.invocation = invocation
        self.environment = environment
    }

    package var rules: Rules {
        get { shared.value }
        set { shared = newValue == SharedRules.standard.value ? .standard : SharedRules(newValue) }
    }

    /// Those that it depends on, whatever they must be.
    package var prerequisites: [Name] { shared.value.dependsOn.map(\.id) }

    package subscript<Value>(dynamicMember rule: WritableKeyPath<Rules, Value>) -> Value {
        get { shared.value[keyPath: rule] }
        set { rules[keyPath: rule] = newValue }
    }
}

extension ProcessSpec {
    package enum Invocation: Equatable, Sendable {
        /// A program by its full path and argv[1…], as `start_process` of the BlueZero dialect gives it.
        case program(path: String, arguments: [String])
        /// A command line and the place it belongs to, as `config` of the method dialect gives it.
        case command(words: [String], path: String?)
        /// An agent of its own, under the process's name.
        case node(InnerAgent)
        /// A virtual machine with such an agent inside.
        case vm(VMSpec)

        /// Whether it runs an agent, which has processes of its own to end.
        package var isAgent: Bool {
            switch self {
            case .program, .command: false
            case .node, .vm: true
            }
        }

        /// argv, as far as it is known before a driver has looked at what the path is.
        package var words: [String] {
            switch self {
            case .program(let path, let arguments): [path] + arguments
            case .command(let words, nil): words
            case .command(let words, let path?): words.first?.hasPrefix("-") ?? true ? [path] + words : words
            case .node, .vm: []
            }
        }

        /// What the process is called after when nobody named it.
        package var programName: String {
            let program =
                switch self {
                case .program(let path, _): path
                case .command(let words, let path): words.first ?? path ?? ""
                case .node: ProcessSpec.nodeDriver
                case .vm: ProcessSpec.vmDriver
                }
            return String(program.split(separator: "/").last ?? "")
        }
    }
}

/// Rules that a thousand processes may have in common: most leave them all as they are.
private final class SharedRules: Equatable, Sendable {
    let value: ProcessSpec.Rules

    static let standard = SharedRules(ProcessSpec.Rules())

    init(_ value: ProcessSpec.Rules) { self.value = value }

    static func == (a: SharedRules, b: SharedRules) -> Bool { a === b || a.value == b.value }
}
