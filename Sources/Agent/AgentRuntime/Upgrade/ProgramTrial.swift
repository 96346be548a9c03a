import var Glibc.O_RDWR
import LinuxSystem
import Model

/// A trial of the agent's program on the disk before an upgrade: `pm-agent --check-config` with the agent's own options.
///
/// It finds a program that can't be executed, crashes or lacks a library, and a configuration that the program refuses.
/// ``run()`` blocks for at most ``Limits/upgradeTrial`` seconds, in a thread; the result is in ``refusal``.
final class ProgramTrial {
    private let path: String
    private let arguments: [String]
    private(set) var refusal: String?

    /// - Parameters:
    ///   - path: of `pm-agent`.
    ///   - arguments: the agent's own, without the program's name.
    init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = [path] + arguments + ["--check-config"]
    }

    func run() {
        do { refusal = try trial() } catch { refusal = "pm-agent on the disk can't be tried: \(error)" }
    }

    private func trial() throws -> String? {
        let null = try Descriptor.open("/dev/null", O_RDWR)
        let output = try LogPipe()
        let plan = LaunchPlan(
            executable: path, arguments: arguments, environment: Environment.inherited, directory: ".")
        var options = SpawnOptions()
        options.diesWithParent = true
        let handle: ProcessHandle
        do throws(SpawnError) {
            handle = try ProcessHandle.spawn(
                plan, input: null, output: output.childEnd, error: output.childEnd, options: options)
        } catch {
            return "pm-agent on the disk can't be executed: \(error.reason)"
        }
        let status = handle.awaitEnd(within: Limits.upgradeTrial)
        guard let status else {
            return "pm-agent on the disk does not work: --check-config takes more than \(Int(Limits.upgradeTrial)) s"
        }
        guard status.code != 0 else { return nil }
        let end = status.code.map { "exit code \($0)" } ?? "signal \(status.signal)"
        return "pm-agent on the disk does not start: \(lastLine(of: output.takeReadEnd()) ?? end)"
    }

    private func lastLine(of output: consuming Descriptor) -> String? {
        var bytes = [UInt8](repeating: 0, count: Limits.upgradeReason)
        guard let count = try? output.take(into: &bytes) else { return nil }
        let line = bytes[..<count].split(separator: UInt8(ascii: "\n")).last
        return line.map { String(decoding: $0, as: UTF8.self) }
    }
}
