/// All that the kernel must know to start a program.
package struct LaunchPlan: Equatable, Sendable {
    package var executable: String
    /// argv, the program's own name first.
    package var arguments: [String]
    /// `NAME=value`, complete: nothing is inherited.
    package var environment: [String]
    package var directory: String

    package init(executable: String, arguments: [String], environment: [String], directory: String) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}
