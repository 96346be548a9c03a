import ArgumentParser

struct VMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vm", abstract: "Creates and removes VMs on the hosts of the fleet.",
        discussion:
            "Example: pmctl vm allocate -- /usr/bin/app\n\nA VM is a host like any other: pmctl ps VM shows what runs in it.",
        subcommands: [
            VMList.self, VMAllocate.self, VMRemove.self, VMReset.self, VMConsole.self, VMAdopt.self, VMConfirm.self,
        ])
}
