import Glibc

/// A link between two private networks that can lose, delay and stop packets (`test-link`).
///
/// Its ends are 10.9.0.1, the first network's, and 10.9.0.2.
package final class BadLink: Sendable {
    private let folder: TemporaryFolder
    private let process: ChildProcess

    package init(_ first: PrivateNetwork, _ second: PrivateNetwork) async throws {
        folder = try TemporaryFolder()
        try folder.write("0 0 2048", to: "rules")
        let command = [try Binaries.find("test-link"), "\(folder.path)/rules"]
        let ends = ["\(first.pid)", "10.9.0.1/24", "\(second.pid)", "10.9.0.2/24"]
        process = try ChildProcess(command + ends, log: "\(folder.path)/log")
        try await eventually("the link: \(folder.read("log"))") { [folder] in folder.read("log") == "up\n" }
    }

    deinit { process.end(with: SIGKILL) }

    /// - Parameters:
    ///   - loss: percentage of packets.
    ///   - delay: milliseconds each way.
    ///   - size: bytes above which a packet is lost.
    package func set(loss: Int = 0, delay: Int = 0, size: Int = 2048) throws {
        try folder.write("\(loss) \(delay) \(size)", to: "rules.new")
        guard rename("\(folder.path)/rules.new", "\(folder.path)/rules") == 0 else { throw TestError.system("rename") }
    }
}
