import ArgumentParser
import JSONCodec
import Model
import Wire

struct NodeAdopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Has pm-cluster manage a node that it has no file of, or start one that it holds.",
        discussion: "Example: pmctl node adopt node-x1\n\npmctl node ls --orphans lists what there is.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var whereabouts: WhereaboutsOptions
    @Argument(help: "The node.", transform: Arguments.host) var node: HostName

    func run() throws {
        try options.ask(.node(.adopt), whereabouts.arguments(of: .node, node)) { result in
            "adopted \(node) on \(result["host"]?.string ?? "its host")"
        }
    }
}

struct NodeConfirm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Says that pm-cluster's state of nodes is right, after a backup was restored.",
        discussion: """
            Example: pmctl node confirm

            Held nodes are started, adopted ones stay, and those that pm-cluster has no file of are left alone.
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws { try options.ask(.node(.confirm), [:]) { _ in "confirmed" } }
}

struct VMAdopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Has pm-cluster manage a VM that it has no file of, or start one that it holds.",
        discussion: """
            Example: pmctl vm adopt vm-x1

            pmctl vm ls --orphans lists what there is. What its process is, the VM itself is asked.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var whereabouts: WhereaboutsOptions
    @Argument(help: "The VM.", transform: Arguments.host) var vm: HostName

    func run() throws {
        try options.ask(.vm(.adopt), whereabouts.arguments(of: .vm, vm)) { result in
            "adopted \(vm) on \(result["host"]?.string ?? "its host")"
        }
    }
}

struct VMConfirm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Says that pm-cluster's state of VMs is right, after a backup was restored.",
        discussion: """
            Example: pmctl vm confirm

            Held VMs are started, adopted ones stay, and those that pm-cluster has no file of are left alone.
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws { try options.ask(.vm(.confirm), [:]) { _ in "confirmed" } }
}
