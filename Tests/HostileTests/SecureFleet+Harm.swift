import Glibc
import TestSupport
import Testing

extension SecureFleet {
    /// Checks that the fleet is unchanged: all daemons are online and answer, no process was started, no topic was
    /// retained or cleared, and no status or health was forged.
    func isUnharmed(connections: Int, isolation: isolated (any Actor)? = #isolation) async throws {
        #expect(broker.isRunning && cluster.isRunning)
        for agent in agents {
            let host = agent.options.host
            let answer = try await ask("pm/\(host)/control", .call("get_processes"))
            #expect(answer["result"]?["status"] == "success" && answer["result"]?["process"] == [], "\(answer)")
            #expect(agent.isRunning && agent.descendants.isEmpty)
            // No other client has taken over the agent's session, so it has not reconnected.
            #expect(agent.log.split(separator: ": connected to").count == 1 + connections, "\(agent.log)")
        }
        let nodes = try await ask("pm/cluster/node/control", .call("get_nodes"))
        #expect(nodes["result"]?["nodes"] == [], "\(nodes)")
        let answer = try await ask("pm/hub/control", .listHosts)
        let hosts = answer["list_hosts"]?["hosts"]?.array ?? []
        #expect(Set(hosts.compactMap { $0["host_name"]?.string }) == Set(Self.hosts))
        #expect(hosts.allSatisfy { $0["online"] == true })
        try await isRetainedAsBefore()
    }

    private func isRetainedAsBefore() async throws {
        let now = try await retained()
        // Without the answers to the requests above.
        let names = { (topics: [String: Message]) in Set(topics.keys.filter { !$0.hasSuffix("/response") }) }
        #expect(names(now) == names(before))
        for (topic, message) in now {
            let levels = topic.split(separator: "/")
            if topic.hasSuffix("/status") { #expect(message.text == "online", "\(topic)") }
            if topic.hasSuffix("/info") { #expect(message.payload == before[topic]?.payload, "\(topic)") }
            if levels.count == 3, levels[2] == "health" {
                let health = try message.value
                #expect(health["host"]?.string == String(levels[1]) && health["health"] == "good", "\(message)")
            }
        }
    }
}

extension SecureFleet {
    /// Edits the ACL and makes the broker read it.
    func change(_ edit: (String) -> String) throws {
        try authority.folder.write(edit(authority.folder.read("acl")), to: "acl")
        kill(broker.pid, SIGHUP)
    }

    /// Stops and removes a process that a test has started.
    func end(_ host: String, _ pid: Int) async throws {
        let list = try await ask("pm/\(host)/control", .call("get_processes"))
        let entry = list["result"]?["process"]?.array?.first { $0["pid"]?.integer == pid }
        guard let id = entry?["process_id"]?.string else { throw TestError("\(pid) is not among \(list)") }
        for method in ["kill_process", "remove_process"] {
            _ = try await ask("pm/\(host)/control", #"{"method":"\#(method)","args":{"process_id":"\#(id)"}}"#)
        }
    }
}
