import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

extension Bus {
    /// What the processes of hosts use now, by host and process id, from their agents. A host that does not answer in
    /// time is told and left out, as is one whose agent is too old.
    ///
    /// The requests go to the topic for readings, to which viewers may send.
    func usages(of hosts: Set<HostName>) throws(CommandError) -> [HostName: [String: Usage]] {
        var asked: [String: HostName] = [:]
        for host in hosts {
            asked[send(Method.getProcesses.rawValue, to: .watch(host), ["usage": true], WallClock.now)] = host
        }
        var usages: [HostName: [String: Usage]] = [:]
        let deadline = answerDeadline
        while !asked.isEmpty, let message = try next(before: deadline) {
            guard message.topic == inbox, let json = message.json,
                let id = (json["id"] ?? json["request"]?["id"])?.string, let host = asked.removeValue(forKey: id)
            else { continue }
            for entry in json["result"]?["process"]?.array ?? [] {
                guard let id = entry["process_id"]?.string, let usage = entry["usage"] else { continue }
                usages[host, default: [:]][id] = Usage(usage)
            }
        }
        for host in asked.values.sorted() { Output.complain("pmctl: \(silence(of: "host \(host)").text ?? "")") }
        return usages
    }
}
