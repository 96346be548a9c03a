import Glibc
import LinuxSystem
import TestSupport

/// A broker, a pm-cluster, and hosts that each start VMs in a different way.
final class VMBenchSetting {
    private let broker: Broker
    private let cluster: ChildProcess
    private var agents: [ChildProcess] = []
    private let load: Load
    private var lastNumber = 0

    private static let response = "pm/cluster/vm/response"
    /// Seconds that a VM may take to start.
    private static let patience: Int64 = 90

    /// - Parameter hosts: the names of the hosts and the text of their configuration files.
    init(hosts: [(name: String, configuration: String)]) throws {
        broker = try Broker(.init())
        let folder = broker.folder.path
        cluster = try ChildProcess(
            [try Binaries.find("pm-cluster"), "--broker", broker.url, "--state-dir", "\(folder)/cluster"],
            log: "\(folder)/cluster.log")
        load = try Load(socket: broker.socket, subscriptions: [Self.response])
        _ = try retained("pm/cluster/status") { $0 == "online" }
        // One after the other, because each agent boots a guest at its start.
        for host in hosts {
            try broker.folder.write(host.configuration, to: "\(host.name).json")
            agents.append(
                try ChildProcess(
                    [
                        try Binaries.agent, "--host", host.name, "--broker", broker.url, "--state-dir",
                        "\(folder)/\(host.name)", "--config", "\(folder)/\(host.name).json",
                    ], log: "\(folder)/\(host.name).log"))
            _ = try retained("pm/\(host.name)/info") { try driver($0)["available"] == true }
        }
    }

    func end() {
        for agent in agents { agent.signal(SIGTERM) }
        for agent in agents { agent.end(with: SIGTERM) }
        cluster.end(with: SIGTERM)
        broker.stop()
    }

    /// The note of the `qemu` driver in the host's `info`: the accelerator of its VMs.
    func note(of host: String) throws -> String {
        try driver(try retained("pm/\(host)/info") { _ in true })["note"]?.string ?? ""
    }

    /// Waits until a host has this many prestarted VMs.
    func await(prestarted: Int, on host: String) throws {
        // The info from before the last VM was assigned is replaced within half a second.
        try load.settle(seconds: 1)
        _ = try retained("pm/\(host)/info") { try driver($0)["parked"]?.integer == prestarted }
    }

    /// A running VM, with the seconds from the request to the answer.
    struct Allocated {
        let id: String
        let seconds: Double
    }

    /// Requests `count` VMs at once.
    func allocate(_ count: Int = 1, on host: String) throws -> [Allocated] {
        let ids = (0..<count).map { _ in
            lastNumber += 1
            return "vm-\(lastNumber)"
        }
        let answers = try ask(
            ids.map {
                #"{"method":"allocate_vm","args":{"vm_id":"\#($0)","host":"\#(host)","config":\#(Self.config)}}"#
            })
        return try answers.map { answer, seconds in
            guard let id = answer["vm_id"]?.string else { throw BenchError("no VM: \(answer)") }
            return Allocated(id: id, seconds: seconds)
        }
    }

    private static let config = #"{"name":"p","command":"sleep 100000"}"#

    func remove(_ vms: [Allocated]) throws {
        _ = try ask(vms.map { #"{"method":"remove_vm","args":{"vm_id":"\#($0.id)"}}"# })
    }

    /// Proportional bytes (PSS) of a VM: its QEMU and its runner.
    func memory(of vm: Allocated, on host: String) throws -> Double {
        let text = try retained("pm/\(host)/process/\(vm.id)") { try JSONValue($0)["pid"] != nil }
        let runner = SystemProcess(try JSONValue(text)["pid"]?.integer ?? 0)
        return try ProcessUsage.proportional(([runner] + runner.children).map { pid_t($0.pid) })
    }

    private func ask(_ requests: [String]) throws -> [(JSONValue, Double)] {
        let requests = requests.map { Request(topic: "pm/cluster/vm/control", payload: Array($0.utf8)) }
        return try load.ask(requests, answers: Self.response, within: Self.patience).map { answer, seconds in
            let result = try JSONValue(String(decoding: answer, as: UTF8.self))["result"]
            guard let result, result["status"] == "success" else {
                throw BenchError("request refused: \(String(decoding: answer, as: UTF8.self))")
            }
            return (result, seconds)
        }
    }

    /// Waits for a retained message on `topic` for which `isWanted` is true.
    private func retained(_ topic: String, where isWanted: (String) throws -> Bool) throws -> String {
        try Load(socket: broker.socket, subscriptions: [topic]).await(topic, within: Self.patience) {
            (try? isWanted($0)) == true
        }
    }

    private func driver(_ info: String) throws -> JSONValue { try JSONValue(info)["drivers"]?["qemu"] ?? [:] }
}
