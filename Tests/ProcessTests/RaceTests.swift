import Foundation
import Synchronization
import TestSupport
import Testing

/// A path that changes its target every few microseconds: the file that was checked is the file that is used.
@Suite(.serialized) struct RaceTests {
    private static let rounds = 200

    /// Switches a path between two targets, as fast as possible.
    private final class Flipper: Sendable {
        private let isRunning = Mutex(true)

        /// - Parameter make: creates one of the two targets at a path.
        init(_ path: String, _ make: @escaping @Sendable (_ isFirst: Bool, _ path: String) -> Void) {
            // A thread, not a task: it never waits, and would occupy one of the task threads.
            Thread.detachNewThread { [self] in
                var isFirst = true
                while isRunning.withLock({ $0 }) {
                    make(isFirst, "\(path).new")
                    rename("\(path).new", path)
                    isFirst.toggle()
                }
            }
            // From here on, the path always exists.
            while access(path, F_OK) != 0 { usleep(100) }
        }

        func stop() { isRunning.withLock { $0 = false } }
    }

    private func withPolicy(
        _ policy: String, _ body: (AgentBench) async throws -> Void
    ) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":5,"policy":{\#(policy)}}"#)) { try await body($0) }
    }

    /// A folder with an allowed directory and another one.
    private func places() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["allowed", "other"] {
            mkdir("\(folder.path)/\(name)", 0o777)
            chmod("\(folder.path)/\(name)", 0o777)
        }
        chmod(folder.path, 0o755)
        return folder
    }

    /// The different outputs of processes with this config, started many times.
    private func outputs(of config: String, _ bench: AgentBench) async throws -> Set<String> {
        var outputs: Set<String> = []
        for number in 0..<Self.rounds {
            let id = "p\(number)"
            let result = try await bench.method(
                "start_process", #"{"config":{"name":"\#(id)",\#(config)}}"#)
            guard result["status"] == "success" else {
                let code = result["error"]?["code"]
                #expect(code == "not_allowed" || code == "exec_failed", "\(result)")
                continue
            }
            try await bench.entry(id) { $0["state"] == "exited" || $0["state"] == "failed" }
            outputs.insert(bench.agent.folder.read("state/log/\(id).stdout"))
        }
        return outputs
    }

    @Test func `the file of an environment variable is the one that was checked`() async throws {
        let folder = try places()
        try folder.write("fine", to: "allowed/value")
        try folder.write("secret", to: "other/value")
        let link = "\(folder.path)/link"
        let flipper = Flipper(link) { [path = folder.path] isFirst, place in
            symlink("\(path)/\(isFirst ? "allowed" : "other")/value", place)
        }
        defer { flipper.stop() }
        try await withPolicy(#""environment":["S"],"environment_files":["\#(folder.path)/allowed/*"]"#) { bench in
            let config = #""command":["/bin/sh","-c","echo $S"],"env":{"S":{"file":"\#(link)"}}"#
            let outputs = try await outputs(of: config, bench)
            #expect(outputs == ["fine\n"])
        }
    }

    @Test(arguments: ["script", "program"])
    func `a program in a directory that others can write is the one that was checked`(
        kind: String
    ) async throws {
        let folder = try places()
        if kind == "script" {
            try folder.write("#!/bin/sh\necho fine\n", to: "fine")
        } else {
            #expect(system("cp /bin/sh \(folder.path)/fine") == 0)
        }
        try folder.write("#!/bin/sh\necho evil\n", to: "other/evil")
        for name in ["fine", "other/evil"] { chmod("\(folder.path)/\(name)", 0o755) }
        let program = "\(folder.path)/allowed/tool"
        let flipper = Flipper(program) { [path = folder.path] isFirst, place in
            if isFirst { link("\(path)/fine", place) } else { symlink("\(path)/other/evil", place) }
        }
        defer { flipper.stop() }
        try await withPolicy(#""allow":["\#(folder.path)/allowed/*"]"#) { bench in
            let outputs = try await outputs(of: #""command":["\#(program)","-c","echo fine"]"#, bench)
            #expect(outputs == ["fine\n"])
        }
    }

    @Test func `a working directory is the one that was checked`() async throws {
        let folder = try places()
        let link = "\(folder.path)/link"
        let flipper = Flipper(link) { [path = folder.path] isFirst, place in
            symlink("\(path)/\(isFirst ? "allowed" : "other")", place)
        }
        defer { flipper.stop() }
        try await withPolicy(#""directories":["\#(folder.path)/allowed"]"#) { bench in
            let outputs = try await outputs(of: #""path":"\#(link)","command":["/bin/sh","-c","pwd -P"]"#, bench)
            #expect(outputs == ["\(folder.path)/allowed\n"])
        }
    }
}
