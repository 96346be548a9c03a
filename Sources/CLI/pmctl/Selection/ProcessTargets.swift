import ArgumentParser

/// `HOST PROCESS ...`: the arguments of the commands that change processes, one or many, on one host or many.
struct ProcessTargets: ParsableArguments {
    @Argument(
        help: "The host, or a selector of hosts such as 'edge-*,rack=7'.", completion: .hosts,
        transform: Arguments.hosts)
    var host: HostPattern
    @Argument(
        help: "The processes: ids, pids (all digits), or patterns such as 'web-*'.", completion: .processes,
        transform: Arguments.processes)
    var process: [ProcessPattern] = []
    @OptionGroup var selection: SelectionOptions

    func validate() throws { try selection.check(process, on: host) }

    var targets: ProcessSelection { ProcessSelection(host, process, selection) }
}
