import ArgumentParser

struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Creates and removes nodes: agents that run as processes of other agents.",
        discussion:
            "Example: pmctl node create\n\nA node is a host like any other: pmctl ps NODE shows what runs on it.",
        subcommands: [
            NodeList.self, NodeCreate.self, NodeRemove.self, NodeReset.self, NodeRun.self, NodeAdopt.self,
            NodeConfirm.self,
        ])
}
