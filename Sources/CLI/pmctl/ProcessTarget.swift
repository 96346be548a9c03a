import ArgumentParser
import Model
import Wire

/// `HOST PROCESS`: the arguments of the commands about one process.
struct ProcessTarget: ParsableArguments {
    @Argument(help: "The host.", completion: .hosts, transform: Arguments.host) var host: HostName
    @Argument(
        help: "The process: its id, or its pid (all digits).", completion: .processes, transform: Arguments.process)
    var process: ProcessReference
}
