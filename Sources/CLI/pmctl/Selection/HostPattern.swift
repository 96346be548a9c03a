import Model

/// An argument that names hosts: a name, or a selector such as `edge-*,rack=7`.
struct HostPattern {
    let text: String
    let selector: HostSelector
    /// The host, if the argument is a plain name.
    let name: HostName?

    init(_ name: HostName) {
        text = name.description
        selector = HostSelector(name)
        self.name = name
    }

    init(selector text: String) throws(Failure) {
        self.text = text
        selector = try HostSelector(text)
        name = nil
    }
}
