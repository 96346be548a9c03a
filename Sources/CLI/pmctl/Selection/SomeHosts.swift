import ArgumentParser

/// `HOST ...`: the hosts of a command that changes something.
struct SomeHosts: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Hosts, or selectors such as 'edge-*,!edge-13'.", valueName: "host"),
        completion: .hosts, transform: Arguments.hosts)
    var hosts: [HostPattern]
    @OptionGroup var labels: LabelOptions

    var choice: HostChoice { HostChoice(patterns: hosts, labels: labels.label) }
}
