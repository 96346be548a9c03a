import Model

@testable import AgentRuntime

extension Name {
    init(test text: String) { self.init(sanitizing: text, fallback: "x") }
}

extension ManagedProcess {
    /// A process that never was launched.
    convenience init(test id: String, change: (inout ProcessSpec) -> Void = { _ in }) {
        let name = Name(test: id)
        var spec = ProcessSpec(name: name, invocation: .command(words: ["/bin/true"], path: nil))
        change(&spec)
        self.init(id: name, spec: spec)
    }
}
