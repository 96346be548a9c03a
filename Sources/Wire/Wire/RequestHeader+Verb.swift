extension RequestHeader {
    /// Name of the requested command or method.
    package var verb: String {
        switch dialect {
        case .blueZero(let command): command.rawValue
        case .method(let name): name ?? "something"
        case .undetermined: "something"
        }
    }
}
