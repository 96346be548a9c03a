import ServiceSupport
import Drivers
import Glibc
import JSONCodec
import MQTTTransport
import Model

@testable import AgentRuntime
@testable import ClusterRuntime

/// Configuration files with arbitrary content.
enum SettingsFuzz {
    /// An unlinked file in memory, rewritten for each input.
    private static let file: Int32 = {
        var path = Array("/dev/shm/pm-fuzz-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        unlink(path)
        return file
    }()

    static func check(_ bytes: [UInt8]) throws(Violation) {
        var blanked = bytes
        JSON.blankComments(in: &blanked)
        let json = JSON.read(blanked)
        if let plain = JSON.read(bytes) { try hold(plain == json, "a comment in \(plain)") }
        // A configured password file, at an arbitrary path, would be read as well.
        guard json?["password_file"] == nil else { return }
        ftruncate(file, 0)
        try hold(pwrite(file, bytes, bytes.count, 0) == bytes.count, "the file can't be written")
        let path = "/proc/self/fd/\(file)"
        if let agent = try? AgentConfiguration.read(flags: [:], file: path, environment: { _ in nil }) {
            try check(agent, json)
        }
        guard let cluster = try? ClusterConfiguration.read(flags: [:], file: path, environment: { _ in nil }) else {
            return
        }
        try check(cluster.broker, cluster.stateDirectory)
        try hold((0.1...86_400).contains(cluster.healthInterval), "health every \(cluster.healthInterval) s")
        try hold((0.1...86_400).contains(cluster.bootTimeout), "a boot in \(cluster.bootTimeout) s")
        try hold((0.1...86_400).contains(cluster.stepTimeout), "a step in \(cluster.stepTimeout) s")
        try hold((1...Limits.mostLaunches).contains(cluster.launches), "\(cluster.launches) launches")
    }

    private static func check(_ agent: AgentConfiguration, _ json: JSON?) throws(Violation) {
        try hold(HostName(agent.host.description) != nil, "an invalid host name \(agent.host)")
        let name = json?["host"]?.string ?? "%H"
        try hold(name.contains("%") || name == agent.host.description, "a host with another name")
        try check(agent.broker, agent.stateDirectory)
        try hold((0.1...86_400).contains(agent.healthInterval), "health every \(agent.healthInterval) s")
        try hold((0...86_400).contains(agent.quotas.requestTTL), "a request lifetime of \(agent.quotas.requestTTL) s")
        try hold((0...3_600).contains(agent.stopGrace), "a grace of \(agent.stopGrace) s")
        try hold((1...Limits.processes).contains(agent.quotas.processes), "\(agent.quotas.processes) processes")
        try hold((0...Limits.vmPool).contains(agent.vms.pool), "a pool of \(agent.vms.pool)")
        try hold(agent.labels.count <= Limits.labels, "\(agent.labels.count) labels")
        try hold((1_024...Limits.payload).contains(agent.quotas.payload), "requests of \(agent.quotas.payload) bytes")
        let isTold = json?["policy"]?["allow"] != nil
        try hold(isTold || agent.broker.isLocal || agent.policy.restricts, "a remote broker is trusted by default")
    }

    private static func check(_ broker: BrokerAddress, _ directory: String) throws(Violation) {
        try hold(!directory.isEmpty, "a state directory without a name")
        try AddressFuzz.checkAgain(broker)
        try hold(broker.password == nil || broker.user != nil, "a password without a user")
        try hold((broker.tls?.certificate == nil) == (broker.tls?.key == nil), "a certificate without a key")
    }
}
