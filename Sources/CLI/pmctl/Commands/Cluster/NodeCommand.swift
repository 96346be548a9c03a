import ArgumentParser

struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Makes and removes nodes: agents of their own on the hosts of the fleet.",
        discussion:
            "Example: pmctl node create\n\nA node is a host like any other: pmctl ps NODE shows what runs on it.",
        subcommands: [
            NodeList.self, NodeCreate.self, NodeRemove.self, NodeReset.self, NodeRun.self, NodeAdopt.self,
            NodeConfirm.self,
        ])
}
