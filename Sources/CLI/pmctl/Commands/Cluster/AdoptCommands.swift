import ArgumentParser
import JSONCodec
import Model
import Wire

struct NodeAdopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Makes pm-cluster manage an orphan node, or start a held node.",
        discussion: "Example: pmctl node adopt node-x1\n\npmctl node ls --orphans lists the orphans.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var whereabouts: WhereaboutsOptions
    @Argument(help: "The node.", completion: .hosts, transform: Arguments.host) var node: HostName

    func run() throws {
        try options.ask(.node(.adopt), whereabouts.arguments(of: .node, node)) { result in
            "adopted \(node) on \(result["host"]?.string ?? "its host")"
        }
    }
}

struct NodeConfirm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Confirms that pm-cluster's state of nodes is right after a backup was restored.",
        discussion: """
            Example: pmctl node confirm

            Held nodes are started, adopted nodes stay, and orphans are left alone.
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws { try options.ask(.node(.confirm), [:]) { _ in "confirmed" } }
}

struct VMAdopt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Makes pm-cluster manage an orphan VM, or start a held VM.",
        discussion: """
            Example: pmctl vm adopt vm-x1

            pmctl vm ls --orphans lists the orphans. pm-cluster asks the VM for its process.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var whereabouts: WhereaboutsOptions
    @Argument(help: "The VM.", completion: .hosts, transform: Arguments.host) var vm: HostName

    func run() throws {
        try options.ask(.vm(.adopt), whereabouts.arguments(of: .vm, vm)) { result in
            "adopted \(vm) on \(result["host"]?.string ?? "its host")"
        }
    }
}

struct VMConfirm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Confirms that pm-cluster's state of VMs is right after a backup was restored.",
        discussion: """
            Example: pmctl vm confirm

            Held VMs are started, adopted VMs stay, and orphans are left alone.
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws { try options.ask(.vm(.confirm), [:]) { _ in "confirmed" } }
}
