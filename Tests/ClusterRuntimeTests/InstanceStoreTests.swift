import Cluster
import LinuxSystem
import Model
import TestSupport
import Testing
import UnitSupport

@testable import ClusterRuntime

/// The files of instances, and whether the directory is the one that managed the fleet last.
struct InstanceStoreTests {
    private let loop: EventLoop
    private let folder: TemporaryFolder
    private let directory: StateDirectory
    private let leadership: Leadership
    private let store: InstanceStore
    private let mismatches: StateMismatches

    init() throws {
        loop = try EventLoop()
        folder = try TemporaryFolder()
        directory = try StateDirectory(folder.path, loop: loop)
        leadership = Leadership(FakePublisher(), on: loop)
        store = InstanceStore(directory, leadership, on: loop)
        mismatches = StateMismatches(directory, store)
    }

    private func add(_ name: String) throws -> Instance {
        let record = InstanceRecord(
            kind: .node, id: try #require(HostName(name)), host: nil, want: .up, isCommitted: true, generation: "g",
            createdAt: 0)
        let (lifecycle, _) = InstanceLifecycle.recover(want: .up, isCommitted: true, hasHost: true, hasProcess: false)
        let instance = Instance(record, lifecycle)
        store.add(instance)
        return instance
    }

    @Test func `an instance has a file until it is removed, and its generation is ended then`() throws {
        let instance = try add("n")
        #expect(store.save(instance) && folder.read("instances/n.json").contains(#""generation":"g""#))
        #expect(!store.isFree(instance.id) && !store.hasEnded("g", of: instance.id))
        store.remove(instance)
        #expect(folder.read("instances/n.json").isEmpty && folder.read("ended.json").contains("g"))
        #expect(store.isFree(instance.id) && store.hasEnded("g", of: instance.id))
    }

    @Test func `the directory is rewritten only while active, and not before all files were read`() throws {
        let instance = try add("n")
        store.save(instance)
        try folder.write(#"{"id":"restored","serial":1}"#, to: "cluster.json")
        store.mend()
        leadership.ready()
        store.mend()
        #expect(folder.read("cluster.json").contains("restored"))
        store.recover { _ in }
        store.mend()
        #expect(folder.read("cluster.json").contains(directory.clusterID))
    }

    @Test func `an unfiled instance is not saved`() throws {
        let record = InstanceRecord(
            kind: .node, id: try #require(HostName("u")), host: nil, want: .down, isCommitted: false, generation: "",
            createdAt: 0)
        let (lifecycle, _) = InstanceLifecycle.recover(
            want: .down, isCommitted: false, hasHost: true, hasProcess: false)
        #expect(store.save(Instance(record, lifecycle, isUnfiled: true)))
        #expect(folder.read("instances/u.json").isEmpty)
    }

    @Test func `without a retained mark, the files count as old only the first time`() {
        mismatches.compare(isFirst: false)
        #expect(!mismatches.concerns(.node))
        mismatches.compare(isFirst: true)
        #expect(mismatches.concerns(.node) && mismatches.reason(of: .node) == nil)
        mismatches.heardRetained(directory.cluster.mark)
        mismatches.compare(isFirst: false)
        #expect(!mismatches.concerns(.node))
    }

    @Test func `an old directory concerns all instances until the state is confirmed`() throws {
        let instance = try add("n")
        var mark = directory.cluster.mark
        mark.serial += 10
        mismatches.heardRetained(mark)
        mismatches.compare(isFirst: true)
        #expect(mismatches.concerns(.node) && mismatches.concerns(.vm) && instance.record.isMismatched)
        #expect(directory.cluster.mark.serial > mark.serial)
        mismatches.end(.node)
        #expect(!mismatches.concerns(.node) && mismatches.concerns(.vm))
    }

    @Test func `the mark of an earlier connection does not count`() {
        mismatches.heardRetained(StateMark(id: "another", serial: 1))
        mismatches.connected()
        mismatches.compare(isFirst: false)
        #expect(!mismatches.concerns(.node))
    }
}
