/// How an agent's program is started under a keeper of its own.
package enum KeeperCommand {
    /// What the keeper's worker has behind its arguments.
    package static let worker = "--worker"

    /// What the worker of a virtual machine's first program has beside it.
    package static let guest = "--guest"

    /// What an agent has instead of a configuration when it is begun before anybody wants it.
    package static let spare = "--spare"

    /// What the unit's ExecStopPost has instead of all others.
    package static let release = "--release-cgroup"

    /// argv, the keeper's program first. It is beside the agent's.
    ///
    /// - Parameters:
    ///   - agent: the path of the agent's program.
    ///   - arguments: argv of the agent, its own name first.
    package static func words(agent: String, _ arguments: [String]) -> [String] {
        let directory = agent.lastIndex(of: "/").map { agent[..<$0] } ?? "."
        return ["\(directory)/pm-keeper", agent] + arguments + [worker]
    }
}
