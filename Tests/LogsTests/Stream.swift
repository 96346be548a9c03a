import Glibc
import LinuxSystem
import Model
import TestSupport
import Testing

@testable import Logs

/// A pipe, log files and a writer, which can be replaced as after the death of an agent.
final class Stream {
    let folder: TemporaryFolder
    let files: LogFiles
    private(set) var writer: LogWriter
    private var child: Int32

    init(maximumSize: Int, files count: Int = 1_000, canSplice: Bool = true, directory: String? = nil) throws {
        folder = try TemporaryFolder()
        var rules = LogRules()
        rules.maximumSize = maximumSize
        rules.files = count
        let files = LogFiles(directory: directory ?? folder.path, name: "a.stdout", rules: rules)
        self.files = files
        let pipe = try LogPipe()
        child = dup(pipe.childEnd.number)
        writer = LogWriter(pipe: pipe.takeReadEnd(), files: files, canSplice: canSplice)
    }

    deinit { close() }

    /// Makes a new writer on the same pipe and files, as after kill -9 of the agent; optionally with other rules.
    func replaceWriter(_ rules: LogRules? = nil, beginsProcess: Bool = false) {
        let files = rules.map { LogFiles(directory: self.files.directory, name: self.files.name, rules: $0) }
        let pipe = Descriptor(owning: dup(writer.pipeNumber))
        writer = LogWriter(pipe: pipe, files: files ?? self.files, beginsProcess: beginsProcess)
    }

    /// Writes as the process would. The text must fit into the pipe.
    func write(_ text: String) { FileSystem.write(text, to: child) }

    func close() {
        Glibc.close(child)
        child = -1
    }

    /// Writes and drains in pieces that fit into the pipe.
    func pass(_ text: String, piece: Int = 4_096) {
        var rest = Substring(text).utf8
        while !rest.isEmpty {
            write(String(decoding: rest.prefix(piece), as: UTF8.self))
            rest = rest.dropFirst(piece)
            while writer.drain().bytes > 0 {}
        }
    }

    /// Runs a program that writes to the pipe, and drains until it and its descendants have ended.
    func run(_ command: [String], budget: Int = Limits.logDrain, tap: LogWriter.Tap? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, child, 1)
        for descriptor in Int32(3)..<512 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, command[0], &actions, nil, &arguments, environ) == 0)
        close()
        let loop = try EventLoop()
        try loop.watch(writer.pipeNumber, for: .read) { [writer] _ in
            if writer.drain(budget: budget, tap: tap).rest == .ended { loop.stop() }
        }
        try loop.run()
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        #expect(status == 0)
    }

    /// The contents of the files, the oldest first.
    var texts: [String] {
        let names = (1...1_000).reversed().map { "\(files.name).\($0)" } + [files.name]
        return names.filter { FileSystem.kind(of: "\(files.directory)/\($0)") != nil }.map { read($0) }
    }

    var text: String { texts.joined() }

    func read(_ name: String) -> String {
        let bytes = try? FileSystem.read("\(files.directory)/\(name)", limit: .max)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    func size(_ name: String) -> Int? {
        (try? Descriptor.open("\(files.directory)/\(name)", O_RDONLY).fileState())?.size
    }
}

/// Numbered lines of different lengths.
func numberedLines(_ range: Range<Int>) -> String {
    range.map { "\($0) \(String(repeating: "x", count: $0 * 7 % 31))\n" }.joined()
}
