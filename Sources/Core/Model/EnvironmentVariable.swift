package struct EnvironmentVariable: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        /// The content of this file at the start of the process, without a trailing newline. It keeps secrets out of
        /// requests.
        case file(String)
    }

    package let name: String
    package let value: Value

    package init(name: String, value: Value) {
        self.name = name
        self.value = value
    }

    package init(name: String, value: String) { self.init(name: name, value: .text(value)) }
}
