/// A decoded config: what to run and how to supervise it.
///
/// The module Wire decodes it from requests, state files and the journal, and encodes it again. The supervisor keeps
/// one per process and compares a new one with it (``change(to:of:)``); drivers turn it into a launch plan.
///
/// Members of its ``Rules`` can be used as its own: `spec.restart`, `spec.log` and so on. Specs with default rules
/// share one copy.
@dynamicMemberLookup
package struct ProcessSpec: Equatable, Sendable {
    /// The requested process id; without one the agent makes `<program>-<n>`.
    package var name: Name?
    /// The driver that launches it.
    package var driver: String
    package var invocation: Invocation
    /// Added to the minimal base environment, in this order.
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

    /// The ids of all processes that it depends on.
    package var prerequisites: [Name] { shared.value.dependsOn.map(\.id) }

    package subscript<Value>(dynamicMember rule: WritableKeyPath<Rules, Value>) -> Value {
        get { shared.value[keyPath: rule] }
        set { rules[keyPath: rule] = newValue }
    }
}

extension ProcessSpec {
    package enum Invocation: Equatable, Sendable {
        /// A program by its absolute path and argv[1…], as given by `start_process` of the BlueZero dialect.
        case program(path: String, arguments: [String])
        /// A command line and a path (program or working directory), as given by `config` of the method dialect.
        case command(words: [String], path: String?)
        /// An agent that runs as a process; its host name is the process name.
        case node(InnerAgent)
        /// A VM that runs such an agent.
        case vm(VMSpec)

        /// Whether it runs an agent, which has processes of its own to end.
        package var isAgent: Bool {
            switch self {
            case .program, .command: false
            case .node, .vm: true
            }
        }

        /// argv, as far as it is known before a driver has looked at the path.
        package var words: [String] {
            switch self {
            case .program(let path, let arguments): [path] + arguments
            case .command(let words, nil): words
            case .command(let words, let path?): words.first?.hasPrefix("-") ?? true ? [path] + words : words
            case .node, .vm: []
            }
        }

        /// The name from which the agent derives a process id when the config has none.
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

/// Shared storage of rules: most processes have the default rules.
private final class SharedRules: Equatable, Sendable {
    let value: ProcessSpec.Rules

    static let standard = SharedRules(ProcessSpec.Rules())

    init(_ value: ProcessSpec.Rules) { self.value = value }

    static func == (a: SharedRules, b: SharedRules) -> Bool { a === b || a.value == b.value }
}
