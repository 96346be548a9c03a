import ArgumentParser

/// `--all` and `--label`: which processes, and on which hosts.
struct SelectionOptions: ParsableArguments {
    @Flag(help: "All processes that it applies to.") var all = false
    @OptionGroup var labels: LabelOptions

    func check(_ processes: [ProcessPattern], on host: HostPattern) throws(ValidationError) {
        if processes.isEmpty, !all { throw ValidationError("Missing expected argument '<process> ...'") }
        if all, !processes.isEmpty { throw ValidationError("--all and the names of processes exclude each other") }
        if host.name == nil, processes.contains(where: \.isPID) {
            throw ValidationError("a pid denotes a process of one host; for several hosts, give its id")
        }
    }
}
