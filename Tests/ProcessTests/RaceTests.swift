import Foundation
import Synchronization
import TestSupport
import Testing

/// A path that leads elsewhere every few microseconds: what is used is what was judged.
@Suite(.serialized) struct RaceTests {
    private static let rounds = 200

    /// Has a name stand for two things in turn, as fast as it goes.
    private final class Flipper: Sendable {
        private let isRunning = Mutex(true)

        /// - Parameters:
        ///   - make: puts one of the two at a path.
        init(_ path: String, _ make: @escaping @Sendable (_ isFirst: Bool, _ path: String) -> Void) {
            // It never waits: as a task it would leave the others one thread less.
            Thread.detachNewThread { [self] in
                var isFirst = true
                while isRunning.withLock({ $0 }) {
                    make(isFirst, "\(path).new")
                    rename("\(path).new", path)
                    isFirst.toggle()
                }
            }
            // It is there from now on.
            while access(path, F_OK) != 0 { usleep(100) }
        }

        func stop() { isRunning.withLock { $0 = false } }
    }

    private func withPolicy(
        _ policy: String, _ body: (AgentBench) async throws -> Void
    ) async throws {
        try await withAgent(.init(configuration: #"{"stop_grace":5,"policy":{\#(policy)}}"#)) { try await body($0) }
    }

    /// A folder with one that is allowed and one that is not.
    private func places() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["allowed", "other"] {
            mkdir("\(folder.path)/\(name)", 0o777)
            chmod("\(folder.path)/\(name)", 0o777)
        }
        chmod(folder.path, 0o755)
        return folder
    }

    /// What a process of this config has written, over and over.
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

    @Test func `the file of a variable`() async throws {
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

    @Test(arguments: ["script", "program"]) func `a program in a directory that others may write`(
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

    @Test func `a working directory`() async throws {
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
