/// How an agent is started: as the worker of a keeper of its own.
package enum KeeperCommand {
    /// The keeper's file name and process name.
    package static let program = "pm-keeper"

    /// The argument that the keeper adds for its worker.
    package static let worker = "--worker"

    /// The argument for the worker that runs as the first program of a guest.
    package static let guest = "--guest"

    /// The argument for a prestarted agent, in place of a configuration.
    package static let spare = "--spare"

    /// The only argument of the systemd unit's ExecStopPost.
    package static let release = "--release-cgroup"

    /// The keeper's argv, with its program first. The keeper is in the agent's directory.
    package static func words(agent: String, _ arguments: [String]) -> [String] {
        let directory = agent.lastIndex(of: "/").map { agent[..<$0] } ?? "."
        return ["\(directory)/\(program)", agent] + arguments + [worker]
    }
}
