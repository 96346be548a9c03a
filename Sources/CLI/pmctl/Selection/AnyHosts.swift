import ArgumentParser

/// `[HOST ...]`: the hosts of a command that shows something, every host without an argument.
struct AnyHosts: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Hosts, or selectors such as 'edge-*,!edge-13'. (default: all hosts)", valueName: "host"),
        completion: .hosts, transform: Arguments.hosts)
    var hosts: [HostPattern] = []
    @OptionGroup var labels: LabelOptions

    var choice: HostChoice { HostChoice(patterns: hosts, labels: labels.label) }
}
