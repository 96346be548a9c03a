package import Model

/// The methods of pm-cluster, and the messages of their answers. The wording is part of the protocol.
package enum ClusterMethod: Hashable, Sendable {
    case node(Node)
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case vm(VM)

    package enum Node: String, Sendable, CaseIterable {
        case create = "create_node"
        case remove = "remove_node"
        case reset = "reset_node"
        case getHealth = "get_health"
        case run = "run_process_on_node"
        case getNodes = "get_nodes"
        case getOrphans = "get_orphans"
        case adopt = "adopt_node"
        case confirm = "confirm_state"
    }

    package enum VM: String, Sendable, CaseIterable {
        case allocate = "allocate_vm"
        case remove = "remove_vm"
        case reset = "reset_vm"
        case getHealth = "get_health"
        case getVMs = "get_vms"
        case getOrphans = "get_orphans"
        case adopt = "adopt_vm"
        case confirm = "confirm_state"
    }

    package init?(_ name: String, _ kind: InstanceKind) {
        switch kind {
        case .node:
            guard let method = Node(rawValue: name) else { return nil }
            self = .node(method)
        case .vm:
            guard let method = VM(rawValue: name) else { return nil }
            self = .vm(method)
        }
    }

    package var name: String {
        switch self {
        case .node(let method): method.rawValue
        case .vm(let method): method.rawValue
        }
    }

    /// Nil when the answer has no message.
    var successMessage: String? {
        switch self {
        case .node(.create): "node started successfully"
        case .node(.remove): "Node kill successfully"
        case .node(.reset): "node reset successfully"
        case .node(.run), .vm(.allocate): "process started successfully"
        case .vm(.remove): "process kill successfully"
        case .vm(.reset): "process reset successfully"
        case .node(.adopt): "node adopted successfully"
        case .vm(.adopt): "vm adopted successfully"
        case .node(.confirm), .vm(.confirm): "state confirmed successfully"
        case .node(.getHealth), .node(.getNodes), .node(.getOrphans), .vm(.getHealth), .vm(.getVMs), .vm(.getOrphans):
            nil
        }
    }

    var failureMessage: String {
        switch self {
        case .node(.create): "node failed to start"
        case .node(.remove): "Node failed to be killed"
        case .node(.reset): "node failed to be reset"
        case .node(.run), .vm(.allocate): "process failed to start"
        case .node(.getNodes): "unable to get nodes"
        case .vm(.remove): "process failed to be killed"
        case .vm(.reset): "process failed to be reset"
        case .node(.getHealth), .vm(.getHealth), .vm(.getVMs): "unable to get health"
        case .node(.getOrphans), .vm(.getOrphans): "unable to get orphans"
        case .node(.adopt): "node failed to be adopted"
        case .vm(.adopt): "vm failed to be adopted"
        case .node(.confirm), .vm(.confirm): "state failed to be confirmed"
        }
    }
}
