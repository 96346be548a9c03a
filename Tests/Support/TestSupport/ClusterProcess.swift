import Glibc

/// A real `pm-cluster` with a state directory of its own.
package final class ClusterProcess: @unchecked Sendable {
    package let folder: TemporaryFolder
    private let url: String
    private let configuration: String
    private var process: ChildProcess?

    package var pid: Int { Int(process?.pid ?? 0) }
    package var isRunning: Bool { process?.isRunning ?? false }
    package var log: String { folder.read("log") }
    package var stateDirectory: String { "\(folder.path)/state" }

    /// - Parameters:
    ///   - url: the broker's URL; if empty, the command line has none.
    ///   - configuration: the text of its configuration file.
    package init(url: String, configuration: String = "{}") throws {
        self.url = url
        self.configuration = configuration
        folder = try TemporaryFolder()
    }

    package var command: [String] {
        get throws {
            [try Binaries.find("pm-cluster")] + (url.isEmpty ? [] : ["--broker", url]) + [
                "--state-dir", stateDirectory, "--config", "\(folder.path)/cluster.json",
            ]
        }
    }

    package func start() throws {
        try folder.write(configuration, to: "cluster.json")
        process = try ChildProcess(command, log: "\(folder.path)/log")
    }

    /// Kills it, as a crash would.
    package func kill() { process?.end(with: SIGKILL) }

    package func signal(_ signal: Int32) { process?.signal(signal) }
    package func pause() { process?.signal(SIGSTOP) }
    package func resume() { process?.signal(SIGCONT) }

    /// Sends SIGTERM and waits for the end.
    ///
    /// - Returns: the wait status.
    @discardableResult
    package func stop() async throws -> Int32 {
        guard let process else { return 0 }
        process.signal(SIGTERM)
        return try await ended()
    }

    /// Waits until it ends by itself.
    ///
    /// - Returns: the wait status.
    package func ended() async throws -> Int32 {
        guard let process else { return 0 }
        try await eventually("pm-cluster's end") { !process.isRunning }
        return process.end(with: SIGKILL)
    }

    /// The text of its file of a node or VM; empty if there is none.
    package func record(of id: String) -> String { folder.read("state/instances/\(id).json") }

    /// The names of its files of nodes and VMs.
    package var files: [String] { TemporaryFolder.names(in: "\(stateDirectory)/instances") }
}
