package struct EnvironmentVariable: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        /// What this file holds when the process starts, without a last newline: a secret need not travel.
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
