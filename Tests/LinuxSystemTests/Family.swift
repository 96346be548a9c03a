import Glibc
import LinuxSystem
import TestSupport
import Testing

/// A `test-child` and all it has made, by whichever means its tree is found.
final class Family {
    enum Means: String, CaseIterable, Sendable {
        case cgroup, mark
    }

    let tree: ProcessTree
    let pid: Int32
    private let run: Run
    private let folder: TemporaryFolder

    /// Returns once all of the family is there.
    init(_ means: Means, _ options: [String]) throws {
        folder = try TemporaryFolder()
        let launch = UInt64.random(in: 0..<1 << 61)
        var options = SpawnOptions()
        options.launch = launch
        let ready = Pipe()
        options.extras = [(ready.writeEnd, 9)]
        let command = [try Binaries.testChild, "--pid-file", "\(folder.path)/pids", "--notify-fd", "9"] + options
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

    /// Those it says it made, itself among them.
    var pids: Set<Int32> { Set(folder.read("pids").split(separator: "\n").compactMap { Int32($0) }) }

    /// Those of them that live.
    var survivors: Set<Int32> {
        pids.filter { !["Z", "X", nil].contains(SystemProcess(Int($0)).state) }
    }

    /// What is possible here; the rest says why it is skipped.
    static let means: [Means] = {
        do {
            removeRoot(try root)
            return Means.allCases
        } catch {
            print("trees are not tested with cgroups: \(error)")
            return [.mark]
        }
    }()

    /// Made when it is not there, so that each test can leave nothing behind.
    static var root: CgroupRoot {
        get throws { try CgroupRoot(name: "pmqtt-test-\(getpid())", agents: []) }
    }

    /// The last one out.
    static func removeRoot(_ root: CgroupRoot?) { _ = root.map { rmdir($0.path) } }
}
