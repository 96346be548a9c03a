package import Glibc

/// A real mosquitto in a folder of its own, at a Unix socket and, if asked for, at a free loopback port.
///
/// It accepts connections when `init` and `start()` return, and can be killed, restarted and paused. The variants of
/// `start` and `stop` that block are for callers outside of tasks. Most tests use ``withBroker(_:_:)``.
package final class Broker: @unchecked Sendable {
    package struct Options: Sendable {
        /// Loads the hub, `libpm_hub.so`.
        package var hub = false
        /// Whether retained messages and sessions survive `restart()` and `kill()`.
        package var persistence = false
        package var tcp = false
        /// The address of the TCP port: 127.0.0.1 or ::1.
        package var address = "127.0.0.1"
        /// `per_listener_settings true`: plugins then get no ticks.
        package var hasSettingsPerListener = false
        /// Further lines of mosquitto.conf.
        package var extra: [String] = []
        /// Words before `mosquitto`, such as `["valgrind"]`.
        package var wrapper: [String] = []
        /// Replaces all options above: returns the text of mosquitto.conf for the broker's folder and port.
        package var configuration: (@Sendable (_ folder: TemporaryFolder, _ port: UInt16) throws -> String)?

        package init(
            hub: Bool = false, persistence: Bool = false, tcp: Bool = false, hasSettingsPerListener: Bool = false,
            extra: [String] = [], wrapper: [String] = []
        ) {
            self.hub = hub
            self.persistence = persistence
            self.tcp = tcp
            self.hasSettingsPerListener = hasSettingsPerListener
            self.extra = extra
            self.wrapper = wrapper
        }
    }

    package let folder: TemporaryFolder
    package let socket: String
    /// 0 unless `tcp` was asked for.
    package let port: UInt16
    private let options: Options
    private var process: ChildProcess?

    package var url: String { "unix://\(socket)" }
    package var tcpURL: String { "mqtt://127.0.0.1:\(port)" }
    package var pid: pid_t { process?.pid ?? 0 }
    package var isRunning: Bool { process?.isRunning ?? false }
    package var log: String { folder.read("log") }

    package init(_ options: Options = Options()) throws {
        self.options = options
        folder = try TemporaryFolder()
        socket = "\(folder.path)/b.sock"
        port = options.tcp || options.configuration != nil ? try Self.freePort() : 0
        try folder.write(try configuration, to: "mosquitto.conf")
        try start()
    }

    /// Starts the broker and waits until it accepts connections.
    package func start() throws {
        unlink(socket)
        let command = options.wrapper + ["/usr/sbin/mosquitto", "-c", "\(folder.path)/mosquitto.conf"]
        let process = try ChildProcess(command, log: "\(folder.path)/log")
        self.process = process
        let deadline = ContinuousClock.now + .seconds(options.wrapper.isEmpty ? 10 : 60)
        while !acceptsConnections {
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw TestError("the broker did not come up:\n\(log)")
            }
            poll(nil, 0, 2)
        }
    }

    package func stop() {
        // mosquitto 2.0 loses a SIGTERM that arrives just before its main loop begins, so repeat it.
        while isRunning {
            process?.signal(SIGTERM)
            for _ in 0..<100 where isRunning { poll(nil, 0, 10) }
        }
        process?.end(with: SIGTERM)
    }
    package func kill() { process?.end(with: SIGKILL) }

    package func start() async throws { try await offPool { try self.start() } }
    package func stop() async throws { try await offPool { self.stop() } }

    package func restart() async throws {
        try await offPool {
            self.stop()
            try self.start()
        }
    }

    /// Pauses the broker with SIGSTOP: the kernel still accepts connections, but the broker does not answer.
    package func pause() { process?.signal(SIGSTOP) }
    package func resume() { process?.signal(SIGCONT) }

    /// Resident memory in bytes.
    package var residentMemory: Int {
        get throws {
            guard let file = fopen("/proc/\(pid)/statm", "r") else { throw TestError.system("statm of \(pid)") }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            fgets(&line, Int32(line.count), file)
            let fields = line.prefix { $0 != 0 }.split(separator: CChar(32))
            let pages = fields.dropFirst().first.flatMap { field in
                Int(String(decoding: field.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            guard let pages else { throw TestError("statm of \(pid) is empty") }
            return pages * sysconf(Int32(_SC_PAGESIZE))
        }
    }

    private var configuration: String {
        get throws {
            if let text = options.configuration { return try text(folder, port) }
            var lines = options.hasSettingsPerListener ? ["per_listener_settings true"] : []
            lines += ["listener 0 \(socket)", "allow_anonymous true", "set_tcp_nodelay true", "log_dest stderr"]
            lines += ["log_type error", "log_type warning", "log_type notice", "log_type information"]
            lines += ["max_queued_messages 100000"]
            // As root, mosquitto would switch to a user that cannot read the folder.
            if getuid() == 0 { lines.append("user root") }
            if options.tcp { lines.append("listener \(port) \(options.address)") }
            if options.persistence {
                lines += ["persistence true", "persistence_location \(folder.path)/", "autosave_interval 1"]
            }
            if options.hub { lines.append("plugin \(try Binaries.hubPlugin)") }
            return (lines + options.extra).joined(separator: "\n") + "\n"
        }
    }

    private var acceptsConnections: Bool {
        let descriptor = options.configuration == nil ? UnixSocket.connect(to: socket) : TCPSocket.connect(to: port)
        guard let descriptor else { return false }
        close(descriptor)
        return true
    }

    package static func freePort() throws -> UInt16 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestError.system("socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard code == 0 else { throw TestError.system("a free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// Runs `body` with a new broker. On failure the error contains the broker's log.
package func withBroker<Result>(
    _ options: Broker.Options = Broker.Options(), _ body: (Broker) async throws -> Result
) async throws -> Result {
    let broker = try await offPool { try Broker(options) }
    do {
        let result = try await body(broker)
        try await broker.stop()
        return result
    } catch {
        let log = broker.log
        try await broker.stop()
        throw TestError("\(error)\n--- the broker's log:\n\(log)")
    }
}
