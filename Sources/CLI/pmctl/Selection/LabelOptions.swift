import ArgumentParser
import Model

/// `--label`: narrows the hosts of a command.
struct LabelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only hosts with this label, such as rack=7, 'rack=[1-4]' or 'rack!=7'; all of several.",
            valueName: "name=value"),
        transform: Arguments.label)
    var label: [HostPattern] = []
}
