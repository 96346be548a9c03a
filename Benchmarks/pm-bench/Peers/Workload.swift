/// What a supervisor shall run, and start again whenever it ends.
struct Workload {
    /// The program, by its full path, and its arguments.
    let command: [String]
    /// How many of it, each a process of its own.
    var count = 1

    /// As a line of a configuration file or a shell: no word here holds a blank.
    var commandLine: String { command.joined(separator: " ") }
    /// As /proc shows it in `comm`.
    var program: String { command[0].split(separator: "/").last.map { String($0.prefix(15)) } ?? "" }
}
