import Glibc
import TestSupport

/// Runs commands to their end and returns their output.
struct Shell {
    let folder: TemporaryFolder
    /// Variables as `NAME=value`, added to the environment of the test.
    let environment: [String]

    static let root = String(#filePath.dropLast("/Tests/ScriptTests/Shell.swift".count))

    func example(_ name: String, _ arguments: [String]) async throws -> String {
        try await run(["\(Self.root)/scripts/examples/\(name).sh"] + arguments)
    }

    /// - Returns: standard output and standard error.
    func run(_ command: [String], exitCode: Int32 = 0) async throws -> String {
        let log = "out-\(UInt64.random(in: 0 ... .max))"
        let process = try ChildProcess(["/usr/bin/env"] + environment + command, log: "\(folder.path)/\(log)")
        let status = try await process.ended()
        let output = folder.read(log)
        guard status & 0x7F == 0, (status >> 8) & 0xFF == exitCode else {
            throw TestError("\(command) ended with wait status \(status):\n\(output)")
        }
        return output
    }

    static func pid(in answer: String) -> Int32? {
        answer.split(separator: "\"pid\":").dropFirst().first.flatMap { Int32($0.prefix { $0.isNumber }) }
    }
}
