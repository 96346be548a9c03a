extension RequestHeader {
    /// What is asked for, in the words of its dialect.
    package var verb: String {
        switch dialect {
        case .blueZero(let command): command.rawValue
        case .method(let name): name ?? "something"
        case .undetermined: "something"
        }
    }
}
