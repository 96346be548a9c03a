import Foundation

/// Any process of the system, read from /proc (proc(5)).
///
/// It only holds a pid: each property reads its file again, and is nil or empty if the process is gone or the file may
/// not be read. Tests use it for processes that they have not started themselves, such as workers and descendants.
package struct SystemProcess: Equatable, Sendable {
    package let pid: Int

    package init(_ pid: Int) { self.pid = pid }

    package var exists: Bool { Foundation.kill(pid_t(pid), 0) == 0 }

    /// Whether it has ended; a zombie counts as ended.
    package var hasEnded: Bool { [nil, "Z"].contains(state) }

    /// `R`, `S`, `T`, `Z` …; nil when it is gone.
    package var state: String? { field(0) }
    package var parent: Int? { field(1).flatMap { Int($0) } }
    package var group: Int? { field(2).flatMap { Int($0) } }
    package var session: Int? { field(3).flatMap { Int($0) } }
    /// Clock ticks since boot.
    package var startTime: Int? { field(19).flatMap { Int($0) } }

    /// The value of a line of `status`, such as `SigBlk`.
    package func status(_ key: String) -> String? {
        let line = read("status").split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return line.map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// The soft limit of open files.
    package var openFileLimit: Int? { softLimit("Max open files").flatMap { Int($0) } }

    /// The soft limit in a row of `limits`: a number or `unlimited`.
    package func softLimit(_ row: String) -> String? {
        let line = read("limits").split(separator: "\n").first { $0.hasPrefix(row) }
        return line.flatMap { $0.dropFirst(row.count).split(separator: " ").first.map(String.init) }
    }

    package var arguments: [String] { strings("cmdline") }
    /// Whether it is the worker of an agent. The command line of a node's keeper ends with the same word.
    package var isWorker: Bool {
        arguments.last == "--worker" && arguments.first?.hasSuffix("/pm-keeper") == false
    }
    package var environment: Set<String> { Set(strings("environ")) }
    /// Its network namespace.
    package var network: String? { link("ns/net") }
    package var workingDirectory: String? { link("cwd") }

    /// The target of each open descriptor.
    package var descriptors: [Int: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        let pairs = names.compactMap { name in Int(name).flatMap { number in link("fd/\(name)").map { (number, $0) } } }
        return Dictionary(pairs) { $1 }
    }

    /// Resident memory in bytes.
    package var residentMemory: Int {
        let pages = read("statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    package var threadCount: Int? { status("Threads").flatMap { Int($0) } }

    package var children: [SystemProcess] { Self.all.filter { $0.parent == pid } }

    package static var all: [SystemProcess] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0).map { .init($0) } }
    }

    package var descendants: [SystemProcess] {
        let children = Dictionary(grouping: Self.all) { $0.parent ?? 0 }
        var found: [SystemProcess] = []
        var next = [pid]
        while let parent = next.popLast() {
            for child in children[parent] ?? [] {
                found.append(child)
                next.append(child.pid)
            }
        }
        return found
    }

    /// The lines of `cgroup`.
    package var cgroups: String { read("cgroup") }

    package func kill(_ signal: Int32 = SIGKILL) { _ = Foundation.kill(pid_t(pid), signal) }

    /// A field of `stat`.
    ///
    /// - Parameter index: 0 is the field after the program's name, which may contain spaces and parentheses.
    private func field(_ index: Int) -> String? {
        let bytes = contents("stat")
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "), maxSplits: index + 1)
        return index < fields.count ? String(decoding: fields[index], as: UTF8.self) : nil
    }

    private func strings(_ name: String) -> [String] {
        read(name).split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private func read(_ name: String) -> String { String(decoding: contents(name), as: UTF8.self) }

    /// Uses system calls directly, for speed: tests often read the files of all processes of the system.
    private func contents(_ name: String) -> [UInt8] {
        let file = open("/proc/\(pid)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                count = max(0, Foundation.read(file, buffer.baseAddress, buffer.count))
            }
            bytes += part
            if part.isEmpty { return bytes }
        }
    }

    private func link(_ name: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/\(name)")
    }
}

/// Polls until `condition` is true; throws if it is not within `patience`.
package func eventually(
    _ what: String, within patience: Duration = TestClient.patience, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    // Poll less often after a while: dozens of tests poll at a time and take processor time from the tested programs.
    var pause = Duration.milliseconds(2)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestError("timed out: \(what)") }
        try await Task.sleep(for: pause)
        pause = min(pause * 1.25, .milliseconds(50))
    }
}
