import Glibc
import LinuxSystem
import TestSupport
import Testing

/// A `test-child` and all its descendants. The tree is found by a cgroup or by the mark.
final class Family {
    enum Means: String, CaseIterable, Sendable {
        case cgroup, mark
    }

    let tree: ProcessTree
    let pid: Int32
    private let run: Run
    private let folder: TemporaryFolder

    /// Returns when the whole family has started.
    init(_ means: Means, _ words: [String]) throws {
        folder = try TemporaryFolder()
        let launch = UInt64.random(in: 0..<1 << 61)
        var options = SpawnOptions()
        options.launch = launch
        let ready = Pipe()
        options.extras = [(ready.writeEnd, 9)]
        let command = [try Binaries.testChild, "--pid-file", "\(folder.path)/pids", "--notify-fd", "9"] + words
        switch means {
        case .cgroup:
            let cgroup = try Self.root.make("\(launch)")
            options.cgroup = cgroup
            tree = ProcessTree(launch: launch, cgroup: cgroup)
        case .mark: tree = ProcessTree(launch: launch, cgroup: nil)
        }
        let isReady: Bool
        do {
            run = try Run(command, options: options)
            pid = run.handle.pid
            ready.closeWriteEnd()
            var byte: UInt8 = 0
            isReady = read(ready.readEnd, &byte, 1) == 1
        } catch {
            tree.remove()
            throw error
        }
        #expect(isReady)
    }

    deinit {
        tree.kill()
        run.handle.signal(SIGKILL)
        run.wait()
        for _ in 0..<5_000 where !tree.remove() { usleep(1_000) }
        if tree.cgroup != nil { Self.removeRoot(try? Self.root) }
    }

    /// The processes that `test-child` reports, including itself.
    var pids: Set<Int32> { Set(folder.read("pids").split(separator: "\n").compactMap { Int32($0) }) }

    /// Those of ``pids`` that live.
    var survivors: Set<Int32> {
        pids.filter { !["Z", "X", nil].contains(SystemProcess(Int($0)).state) }
    }

    /// The means that work on this host. For the other one, the reason is printed.
    static let means: [Means] = {
        do {
            removeRoot(try root)
            return Means.allCases
        } catch {
            print("trees are not tested with cgroups: \(error)")
            return [.mark]
        }
    }()

    /// Made if it does not exist, so that each test can remove it.
    static var root: CgroupRoot {
        get throws { try CgroupRoot(name: "pmqtt-test-\(getpid())", agents: []) }
    }

    /// Fails, and does nothing, while other cgroups are in it.
    static func removeRoot(_ root: CgroupRoot?) { _ = root.map { rmdir($0.path) } }
}
