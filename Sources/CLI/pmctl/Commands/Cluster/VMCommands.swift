import ArgumentParser
import JSONCodec
import Model
import Wire

struct VMList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists all VMs.", discussion: "Example: pmctl vm ls")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var selection: ListOptions

    func run() throws {
        let isOrphans = selection.orphans
        try options.list(
            .vm(isOrphans ? .getOrphans : .getVMs), isOrphans ? "orphans" : "process", .vm, selection.listing)
    }
}

struct VMAllocate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocate", abstract: "Boots a VM and starts a process in it.",
        discussion: """
            Example: pmctl vm allocate --memory 256 -- /usr/bin/app --fast

            On a terminal it shows the progress.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var place: PlaceOptions
    @Option(help: ArgumentHelp("Its name. (default: a random one)", valueName: "vm"), transform: Arguments.host)
    var id: HostName?
    @Option(help: ArgumentHelp("Memory in MiB. (default: \(Limits.vmMemory))", valueName: "mb")) var memory: Int?
    @Option(help: ArgumentHelp("Virtual processors. (default: 1)", valueName: "n")) var cpus: Int?
    @OptionGroup var program: ProgramOptions

    func run() throws {
        // pmctl chooses the name, so that it can watch the states from the first one on.
        let id = id ?? HostName("vm-\(RandomText.make().prefix(8))")
        var arguments = place.arguments.setting("config", program.config)
        if let id { arguments = arguments.setting("vm_id", .string(id.description)) }
        if let memory { arguments = arguments.setting("memory_mb", .number(memory)) }
        if let cpus { arguments = arguments.setting("cpus", .number(cpus)) }
        try options.ask(.vm(.allocate), arguments, watching: id) { result in
            let pid = result["pid"]?.integer.map { ", pid \($0)" } ?? ""
            return "allocated \(result["vm_id"]?.string ?? "a vm") on \(result["host"]?.string ?? "a host"): "
                + "\(result["process_id"]?.string ?? "a process") runs\(pid)"
        }
    }
}

struct VMRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Shuts a VM down and removes it.", discussion: "Example: pmctl vm rm vm-x1")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var removal: RemovalOptions
    @Argument(help: "The VM.", completion: .hosts, transform: Arguments.host) var vm: HostName

    func run() throws {
        try options.ask(.vm(.remove), removal.arguments(of: .vm, vm), watching: vm) { _ in "removed \(vm)" }
    }
}

struct VMReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Reboots a VM and starts its process again.",
        discussion: "Example: pmctl vm reset vm-x1")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The VM.", completion: .hosts, transform: Arguments.host) var vm: HostName

    func run() throws {
        try options.ask(.vm(.reset), ["vm_id": .string(vm.description)], watching: vm) { _ in "reset \(vm)" }
    }
}
