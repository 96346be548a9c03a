/// The program that a supervisor runs and restarts whenever it ends.
struct Workload {
    /// The program, by its full path, and its arguments.
    let command: [String]
    /// The number of processes.
    var count = 1

    /// As a line of a configuration file or a shell script. No word here contains a space.
    var commandLine: String { command.joined(separator: " ") }
    /// The name of the program as in `comm` (proc(5)).
    var program: String { command[0].split(separator: "/").last.map { String($0.prefix(15)) } ?? "" }
}
