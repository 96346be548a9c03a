import ArgumentParser
import JSONCodec
import Model
import Wire

struct NodeList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists all nodes.", discussion: "Example: pmctl node ls")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var selection: ListOptions

    func run() throws {
        let isOrphans = selection.orphans
        try options.list(
            .node(isOrphans ? .getOrphans : .getNodes), isOrphans ? "orphans" : "nodes", .node, selection.listing)
    }
}

struct NodeCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Creates a node.",
        discussion: """
            Example: pmctl node create --label rack=7

            On a terminal it shows the progress.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var place: PlaceOptions
    @Option(help: ArgumentHelp("A label, for people.", valueName: "name=value"), transform: Arguments.variable)
    var label: [EnvironmentVariable] = []
    @Argument(help: "The name of the node. (default: a random one)", transform: Arguments.host) var node: HostName?

    func run() throws {
        // pmctl chooses the name, so that it can watch the states from the first one on.
        let node = node ?? HostName("node-\(RandomText.make().prefix(8))")
        var arguments = place.arguments
        if let node { arguments = arguments.setting("node_id", .string(node.description)) }
        if !label.isEmpty {
            arguments = arguments.setting(
                "labels", label.reduce([:]) { $0.setting($1.name, $1.value.json) })
        }
        try options.ask(.node(.create), arguments, watching: node) { result in
            "created \(result["node_id"]?.string ?? "a node") on \(result["host"]?.string ?? "a host")"
        }
    }
}

struct NodeRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Stops all processes of a node and removes it.",
        discussion: "Example: pmctl node rm node-x1")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var removal: RemovalOptions
    @Argument(help: "The node.", completion: .hosts, transform: Arguments.host) var node: HostName

    func run() throws {
        try options.ask(.node(.remove), removal.arguments(of: .node, node), watching: node) { _ in "removed \(node)" }
    }
}

struct NodeReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Restarts a node and its processes.",
        discussion: "Example: pmctl node reset node-x1")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The node.", completion: .hosts, transform: Arguments.host) var node: HostName

    func run() throws {
        try options.ask(.node(.reset), ["node_id": .string(node.description)], watching: node) { _ in
            "reset \(node)"
        }
    }
}

struct NodeRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Starts a process on a node.",
        discussion: """
            Example: pmctl node run node-x1 --name web -- python3 app.py

            The process is started again whenever the node is restarted.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The node.", completion: .hosts, transform: Arguments.host) var node: HostName
    @OptionGroup var program: ProgramOptions

    func run() throws {
        try options.ask(.node(.run), ["node_id": .string(node.description), "config": program.config]) { result in
            let id = result["process_id"]?.string ?? "a process"
            return "started \(id) on \(node)\(result["pid"]?.integer.map { ", pid \($0)" } ?? "")"
        }
    }
}
