import JSONCodec
import Model
import Wire

@testable import ClusterRuntime

/// pm-cluster's state files, and the messages of hosts. A record that is read is written unchanged, and the host
/// accepts the config that is made from it.
enum InstanceFuzz {
    static func check(_ bytes: [UInt8]) throws(Violation) {
        guard let json = JSON.read(bytes), json.isFinite else { return }
        if let record = try? InstanceRecord(json) { try check(record) }
        let offlineSince = OfflineSince(json)
        let again = OfflineSince(offlineSince.json)
        try hold(again.since == offlineSince.since, "\(offlineSince.json) is read differently")
        for (host, _) in offlineSince.since {
            let rest = offlineSince.rest(of: host, patience: 100, at: 1e9)
            try hold((0...100).contains(rest), "\(rest) seconds of 100 are left")
        }
        let load = HostLoad(json)
        try hold((0.1...Limits.longestWait).contains(load.interval), "an interval of \(load.interval) s")
        _ = HostFacts(json)
        try hold((0...1e6).contains(load.load) && load.cpus >= 1, "a load of \(load.load) on \(load.cpus)")
    }

    static func check(_ record: InstanceRecord) throws(Violation) {
        let again = try need(try? InstanceRecord(record.json), "\(record.json) is rejected")
        try hold(again.json.isSame(as: record.json), "\(record.json) is read as \(again.json)")
        try hold((0...Limits.mostBytes).contains(record.memory), "it needs \(record.memory) bytes")
        let spec: ProcessSpec
        do { spec = try ProcessSpec(config: record.hostConfig) } catch {
            throw Violation(description: "the host would refuse it: \(error.detail)")
        }
        try hold(spec.name == record.id.name, "the host would use another name")
        switch spec.invocation {
        case .node(let agent): try hold(record.kind == .node && agent.labels == record.labels, "another node")
        case .vm(let vm):
            try hold(record.kind == .vm && vm.agent.labels == record.labels, "another VM")
        default: throw Violation(description: "the host would run something else")
        }
    }
}
