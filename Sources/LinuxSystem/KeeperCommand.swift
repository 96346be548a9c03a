/// How an agent's program is started under a keeper of its own.
package enum KeeperCommand {
    /// What the keeper's worker has behind its arguments.
    package static let worker = "--worker"

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
