import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import TestSupport
import Testing

@testable import pmctl

/// Messages and reports as agents send them.
enum Samples {
    static func json(_ text: String) throws -> JSON {
        try JSON.parse(Array(text.utf8).span, sizeLimit: 1 << 20, nestingLimit: 32)
    }

    /// - Parameter said: seconds since the epoch.
    static func health(
        _ host: String, reasons: [String] = [], said timestamp: Double = 1_000, interval: Double = 10
    ) -> String {
        let list = reasons.map { "\"\($0)\"" }.joined(separator: ",")
        return """
            {"host":"\(host)","health":"\(reasons.isEmpty ? "good" : "bad")","reasons":[\(list)],\
            "timestamp":\(timestamp),"interval":\(interval),"seq":7,"session":"s1","uptime":273900,"version":"0.1.0",\
            "load":[0.42,0.3,1],"cpus":4,"memory_total":8589934592,"memory_available":4831838208,\
            "processes":{"running":12,"failed":\(reasons.count),"total":14},"agent":{"rss":8000000,"cpu_seconds":1.5}}
            """
    }

    static let running = """
        {"process_id":"web","name":"web","pid":4321,"driver":"exec","state":"running","want":"up",\
        "command":"python3 -m http.server --directory /srv/www","started_at":500,"restarts":2,"uptime":0.1}
        """
    static let ended = """
        {"process_id":"job-1","name":"job-1","driver":"exec","state":"exited","want":"down",\
        "command":"sh -c 'exit 3'","started_at":500,"exited_at":600,"exit_code":143,"signal":15,"restarts":0}
        """
    static let failed = """
        {"process_id":"db","name":"db","driver":"exec","state":"failed","want":"up","command":"db",\
        "restarts":0,"error":"exec format error"}
        """

    static func message(_ topic: String, _ text: String, isRetained: Bool = true) -> MQTTTransport.Message {
        MQTTTransport.Message(topic: topic, payload: Array(text.utf8), isRetained: isRetained)
    }

    static let start = Instant(nanoseconds: 0)

    /// A fleet that got all these messages at second 1,000 of the epoch.
    static func fleet(_ messages: [(topic: String, text: String)]) -> Fleet {
        var fleet = Fleet()
        for (topic, text) in messages { fleet.absorb(message(topic, text), at: start, wallClock: 1_000) }
        return fleet
    }

    static func process(_ text: String) throws -> ProcessReport { try #require(ProcessReport(try json(text))) }

    static func row(_ host: String, _ text: String, isOnline: Bool = true) throws -> ProcessTableView.Row {
        .init(host: try #require(HostName(host)), isOnline: isOnline, process: try process(text))
    }
}

extension Terminal {
    static func narrow(_ width: Int) -> Terminal { Terminal(width: width, hasColor: false) }
}
