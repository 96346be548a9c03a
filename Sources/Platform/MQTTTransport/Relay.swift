import var Glibc.O_RDWR
import LinuxSystem
import Model

/// The process `pm-relay` of one connection, which connects to the broker by WebSocket or through a proxy, and the socket
/// at which libmosquitto connects to it.
///
/// The process ends when the connection does. TLS is its part as well.
final class Relay {
    /// The path of the socket, until ``removePath()``.
    let path: String
    private let process: ProcessHandle
    private let errors: Descriptor
    /// What it has written to stderr, at most a few lines.
    private var said: [UInt8] = []

    init(to address: BrokerAddress) throws(SystemError) {
        guard let program = Program.path, let slash = program.lastIndex(of: "/") else {
            throw SystemError("find pm-relay")
        }
        let nothing = try Descriptor.open("/dev/null", O_RDWR)
        let pipe = try Descriptor.Pair()
        let listener = try PrivateListener()
        path = listener.path
        let relay = "\(program[..<slash])/pm-relay"
        let plan = LaunchPlan(
            executable: relay, arguments: ["pm-relay"] + Self.arguments(address), environment: ["PATH=/usr/bin:/bin"],
            // Settings may be relative paths.
            directory: FileSystem.absolute("."))
        do throws(SpawnError) {
            process = try ProcessHandle.spawn(plan, input: listener.socket, output: nothing, error: pipe.other)
        } catch {
            PrivateListener.remove(path)
            throw SystemError("start \(relay)", errno: error.number)
        }
        errors = pipe.takeOwn()
    }

    deinit {
        removePath()
        process.killAndReap()
    }

    private static func arguments(_ address: BrokerAddress) -> [String] {
        let (tls, proxy) = (address.tls, address.proxy)
        let options = [
            ("--ca", tls?.authority), ("--cert", tls?.certificate), ("--key", tls?.key),
            ("--server-name", tls?.serverName), ("--proxy", proxy?.url), ("--proxy-user", proxy?.user),
            ("--proxy-password-file", proxy?.passwordFile), ("--no-proxy", proxy?.exceptions),
        ]
        return [address.description] + options.flatMap { name, value in value.map { [name, $0] } ?? [] }
    }

    /// To be called after the client's connect, which the socket keeps, also if it has failed.
    func removePath() { PrivateListener.remove(path) }

    /// Why it has failed; nil if it has not said anything.
    var reason: String? {
        while said.count < 1_024, let bytes = errors.receive(limit: 1_024), !bytes.isEmpty { said += bytes }
        return String(decoding: said, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
