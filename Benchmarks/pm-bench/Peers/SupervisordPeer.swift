import Glibc
import TestSupport

/// supervisord, controlled with XML-RPC over its Unix socket.
final class SupervisordPeer: Peer {
    let name = "supervisord"
    private let process: PeerProcess
    private var socket: String { "\(process.folder.path)/s.sock" }

    var root: pid_t { process.pid }
    var ownProcesses: [pid_t] { [process.pid] }

    init(_ workload: Workload) throws {
        let program = try Peers.find("supervisord")
        process = try PeerProcess()
        try process.folder.write(Self.configuration(workload, folder: process.folder.path), to: "supervisord.conf")
        try process.start([program, "-n", "-c", "\(process.folder.path)/supervisord.conf"])
        try process.awaitSocket(socket)
    }

    var queries: [Query] {
        [
            Query(kind: .full, name: "getAllProcessInfo", mark: ">RUNNING<") { [unowned self] in
                try call("getAllProcessInfo")
            }
        ]
    }

    func startAll() throws { _ = try call("startAllProcesses", "<param><value><boolean>0</boolean></value></param>") }

    func end() { process.end() }

    /// The defaults, except for names, the descriptors for so many processes (`minfds`) and an immediate restart
    /// (`startsecs`).
    private static func configuration(_ workload: Workload, folder: String) -> String {
        """
        [supervisord]
        directory=\(folder)
        logfile=\(folder)/supervisord.log
        pidfile=\(folder)/supervisord.pid
        childlogdir=\(folder)
        minfds=\(1024 + 3 * workload.count)
        [unix_http_server]
        file=\(folder)/s.sock
        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
        [program:p]
        command=\(workload.commandLine)
        process_name=%(program_name)s_%(process_num)04d
        numprocs=\(workload.count)
        autostart=false
        autorestart=true
        startsecs=0

        """
    }

    private func call(_ method: String, _ parameters: String = "") throws -> [UInt8] {
        let head = #"<?xml version="1.0"?><methodCall><methodName>supervisor.\#(method)</methodName>"#
        let body = "\(head)<params>\(parameters)</params></methodCall>"
        let stream = try ByteStream(socket)
        try stream.write(
            Array(
                ("POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
                    .utf8))
        let answer = try stream.readAll()
        guard answer.count(of: "<fault>") == 0, answer.count(of: "<methodResponse>") == 1 else {
            throw BenchError("supervisord answered \(method): \(String(decoding: answer.prefix(500), as: UTF8.self))")
        }
        return answer
    }
}
