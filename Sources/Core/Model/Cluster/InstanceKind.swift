/// What pm-cluster looks after: nodes and VMs. The raw values are the levels of their topics.
package enum InstanceKind: String, Sendable, CaseIterable {
    case node
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case vm

    /// The driver of a host's agent that runs one.
    package var driver: String {
        switch self {
        case .node: ProcessSpec.nodeDriver
        case .vm: ProcessSpec.vmDriver
        }
    }

    package var noSuch: ErrorCode {
        switch self {
        case .node: .noSuchNode
        case .vm: .noSuchVM
        }
    }

    /// The kind that a host's driver runs; nil for drivers that run plain processes.
    package init?(driver: String) {
        guard let kind = Self.allCases.first(where: { $0.driver == driver }) else { return nil }
        self = kind
    }
}
