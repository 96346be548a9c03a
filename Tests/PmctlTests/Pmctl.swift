import Glibc
import TestSupport

/// Runs the built `pmctl`, as a shell would.
struct Pmctl: Sendable {
    struct Result: Sendable {
        let exitCode: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// A pmctl that may still run.
    final class Run: Sendable {
        private let folder: TemporaryFolder
        private let child: ChildProcess
        private let ended = Watched<Int32?>(nil)

        fileprivate init(_ command: [String]) throws {
            folder = try TemporaryFolder()
            let redirected = ["/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", "\(folder.path)/errors"] + command
            child = try ChildProcess(redirected, log: "\(folder.path)/output")
            // Reaped as soon as it ends, also if no test waits for it.
            Task { [self] in
                let status = try await child.ended()
                ended.update { $0 = status }
            }
        }

        /// Its output so far.
        var output: String { folder.read("output") }
        var errors: String { folder.read("errors") }

        func interrupt() { child.signal(SIGINT) }
        func signal(_ signal: Int32) { child.signal(signal) }

        func result() async throws -> Result {
            let status: Int32
            do {
                status = try await ended.first("pmctl to end", within: .seconds(40)) { $0 }
            } catch {
                child.signal(SIGKILL)
                throw TestError("\(error); it wrote: \(output)")
            }
            let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
            return Result(exitCode: code, output: output, errors: folder.read("errors"))
        }
    }

    let url: String

    init(_ broker: Broker) { url = broker.url }
    init(url: String) { self.url = url }

    func start(_ arguments: [String]) throws -> Run {
        try Run(["/usr/bin/env", "-u", "NO_COLOR", "PM_BROKER=\(url)", try Binaries.pmctl] + arguments)
    }

    func run(_ arguments: String...) async throws -> Result { try await start(arguments).result() }

    /// Starts a shell command line, in which `$PMCTL` is the path of pmctl. No variable of pmctl's is set.
    func startShell(_ line: String) throws -> Run {
        try Run(["/usr/bin/env", "-u", "NO_COLOR", "PMCTL=\(try Binaries.pmctl)", "URL=\(url)", "/bin/sh", "-c", line])
    }

    /// Starts a program on a terminal.
    func start(_ terminal: PseudoTerminal, _ command: [String]) throws -> Run { try Run(terminal.running(command)) }

    func shell(_ line: String) async throws -> Result { try await startShell(line).result() }

    /// Runs a shell command line, in which `$PMCTL` is the path of pmctl, on a terminal with this many columns.
    func run(onTerminal columns: Int, _ line: String) async throws -> Result {
        try await start(onTerminal: columns, line).result()
    }

    /// - Parameter keys: a shell command that writes what is typed on the terminal; nothing is, if it is nil.
    func start(onTerminal columns: Int, keys: String? = nil, _ line: String) throws -> Run {
        let script = "stty cols \(columns); PMCTL='\(try Binaries.pmctl)'; \(line)"
        let command = ["/usr/bin/env", "-u", "NO_COLOR", "TERM=xterm", "SHELL=/bin/sh", "PM_BROKER=\(url)"]
        // A shell runs `script`, because `script` waits for all children of its process, also for inherited ones.
        let typing = keys.map { "{ \($0); } | " } ?? ""
        return try Run(command + ["/bin/sh", "-c", "\(typing)script -qec \"$0\" /dev/null; exit $?", script])
    }
}
