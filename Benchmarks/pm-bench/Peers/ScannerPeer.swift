import Glibc
import TestSupport

/// runit or s6: a program that scans a folder of services and runs one supervisor process for each service.
final class ScannerPeer: Peer {
    let name: String
    private let process: PeerProcess
    private let command: [String]
    private let supervisor: String
    private let services: [String]
    private let status: String?

    var root: pid_t { process.pid }
    var ownProcesses: [pid_t] {
        [root] + ProcessTree.children(of: root).filter { ProcessTree.program(of: $0) == supervisor }
    }

    static func runit(_ workload: Workload) throws -> ScannerPeer {
        try ScannerPeer(
            "runit", [try Peers.find("runsvdir")], supervisor: "runsv", status: try Peers.find("sv"), workload)
    }

    /// s6-svscan has a default limit of 1,000 services. s6 has no program that shows more than one of them.
    static func s6(_ workload: Workload) throws -> ScannerPeer {
        let command = [try Peers.find("s6-svscan"), "-c", "\(workload.count + 100)"]
        return try ScannerPeer("s6", command, supervisor: "s6-supervise", status: nil, workload)
    }

    private init(
        _ name: String, _ command: [String], supervisor: String, status: String?, _ workload: Workload
    ) throws {
        self.name = name
        self.supervisor = supervisor
        self.status = status
        process = try PeerProcess()
        let folder = "\(process.folder.path)/services"
        self.command = command + [folder]
        services = (0..<workload.count).map { "\(folder)/\($0)" }
        mkdir(folder, 0o755)
        for number in 0..<workload.count {
            mkdir("\(folder)/\(number)", 0o755)
            // A shell script that executes the program, as is usual for these supervisors.
            try process.folder.write("#!/bin/sh\nexec \(workload.commandLine)\n", to: "services/\(number)/run")
            chmod("\(folder)/\(number)/run", 0o755)
        }
    }

    var queries: [Query] {
        guard let status else { return [] }
        return [
            Query(kind: .full, name: "sv status", mark: "run: ") { [process, services] in
                let output = "\(process.folder.path)/status"
                unlink(output)
                _ = try ChildProcess([status, "status"] + services, log: output).wait()
                return Array(process.folder.read("status").utf8)
            }
        ]
    }

    /// Starts the scanner, which starts all services: it has no idle state.
    func startAll() throws { try process.start(command) }

    func end() { process.end() }
}
