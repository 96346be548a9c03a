/// The kinds of instances that pm-cluster manages. The raw values are levels of their topics.
package enum InstanceKind: String, Sendable, CaseIterable {
    case node
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case vm

    /// Name of the driver by which a host's agent runs such an instance.
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

    /// The kind that a driver runs; nil for drivers that run plain processes.
    package init?(driver: String) {
        guard let kind = Self.allCases.first(where: { $0.driver == driver }) else { return nil }
        self = kind
    }
}
