import Glibc
import TestSupport

/// circusd, controlled over ZeroMQ: with a watcher for each process, as needed for different programs, or with one
/// watcher for all.
final class CircusPeer: Peer {
    let name: String
    private let process: PeerProcess
    private let isOneWatcher: Bool
    private let watchers: Int
    private var control: ZeroMQ?

    var root: pid_t { process.pid }
    var ownProcesses: [pid_t] { [process.pid] }

    init(_ workload: Workload, inOneWatcher isOneWatcher: Bool) throws {
        let program = try Peers.find("circusd")
        name = isOneWatcher ? "circus, one watcher" : "circus"
        self.isOneWatcher = isOneWatcher
        watchers = isOneWatcher ? 1 : workload.count
        process = try PeerProcess()
        let folder = process.folder.path
        var lines = ["[circus]", "endpoint = ipc://\(folder)/c.sock", "pubsub_endpoint = ipc://\(folder)/p.sock"]
        for number in 0..<watchers {
            lines += ["[watcher:w\(number)]", "cmd = \(workload.commandLine)", "autostart = False"]
            if isOneWatcher { lines.append("numprocesses = \(workload.count)") }
        }
        try process.folder.write(lines.joined(separator: "\n") + "\n", to: "circus.ini")
        try process.start([program, "\(folder)/circus.ini"])
        try process.awaitSocket("\(folder)/c.sock")
        control = try ZeroMQ("\(folder)/c.sock")
    }

    /// Not `stats`, which has pids and states but scans all of /proc for each process.
    var queries: [Query] {
        if isOneWatcher {
            let list = Query(kind: .brief, name: "list w0", mark: "") { [unowned self] in
                try call("list", #"{"name":"w0"}"#)
            }
            return [list]
        }
        return [
            Query(kind: .brief, name: "status", mark: #""active""#) { [unowned self] in try call("status") }
        ]
    }

    /// One after the other, because circus refuses every other command during a start.
    func startAll() throws {
        for number in 0..<watchers {
            _ = try call("start", #"{"name":"w\#(number)","match":"simple","waiting":true}"#)
        }
    }

    func end() { process.end() }

    private func call(_ command: String, _ properties: String = "{}") throws -> [UInt8] {
        guard let control else { return [] }
        let answer = try control.ask(
            Array(#"{"id":"1","command":"\#(command)","properties":\#(properties)}"#.utf8))
        guard answer.count(of: #""status": "error""#) == 0 else {
            throw BenchError("circus answered \(command): \(String(decoding: answer.prefix(500), as: UTF8.self))")
        }
        return answer
    }
}
