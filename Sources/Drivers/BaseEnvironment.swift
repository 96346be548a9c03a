import LinuxSystem
import Model

/// The clean environment that every process starts from, and what its spec adds.
struct BaseEnvironment {
    /// `NAME=value` each, no name twice.
    let assignments: [String]
    /// Where programs are searched.
    let path: String

    static func merged(with additions: [EnvironmentVariable]) -> BaseEnvironment {
        let added = Set(additions.map(\.name))
        let variables = standard.filter { !added.contains($0.name) } + additions
        return BaseEnvironment(
            assignments: variables.map { "\($0.name)=\($0.value)" },
            path: variables.last { $0.name == "PATH" }?.value ?? "")
    }

    private static let standard = [
        EnvironmentVariable(
            name: "PATH", value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        EnvironmentVariable(name: "HOME", value: User.current.home),
        EnvironmentVariable(name: "LANG", value: "C.UTF-8"),
        EnvironmentVariable(name: "USER", value: User.current.name),
    ]
}
