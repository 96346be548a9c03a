import Cluster
import JSONCodec
import Model
import Testing

@testable import ClusterRuntime

/// Which instances without a file are inspected, and which orphans are known.
struct HostedInstancesTests {
    private let hosted = HostedInstances()
    private let orphans = Orphans()
    private let node: HostedID
    private let vm: HostedID

    init() throws {
        let host = try #require(HostName("h"))
        node = HostedID(host: host, id: try #require(HostName("n")))
        vm = HostedID(host: host, id: try #require(HostName("v")))
    }

    private func unfiled(_ id: HostedID) -> Instance {
        let record = InstanceRecord(
            kind: .node, id: id.id, host: id.host, want: .down, isCommitted: false, generation: "", createdAt: 0)
        let (lifecycle, _) = InstanceLifecycle.recover(
            want: .down, isCommitted: false, hasHost: true, hasProcess: false)
        return Instance(record, lifecycle, isUnfiled: true)
    }

    @Test func `what a host runs is inspected once`() {
        #expect(hosted.kindToInspect(node) == nil)
        #expect(hosted.note(node, .node, memory: nil))
        #expect(hosted.kindToInspect(node) == .node)
        hosted.inspect(unfiled(node), at: node)
        #expect(hosted.kindToInspect(node) == nil && hosted.isInspecting(node.id))
        hosted.settle(node)
        #expect(hosted.kindToInspect(node) == nil && !hosted.isInspecting(node.id))
        _ = hosted.note(node, .node, memory: nil)
        #expect(hosted.kindToInspect(node) == nil)
    }

    @Test func `it is inspected again when there is a reason, or when the host runs it anew`() {
        _ = hosted.note(node, .node, memory: nil)
        hosted.settle(node)
        hosted.reconsider(node)
        #expect(hosted.kindToInspect(node) == .node)
        hosted.settle(node)
        hosted.forget(node)
        _ = hosted.note(node, .node, memory: nil)
        #expect(hosted.kindToInspect(node) == .node)
    }

    @Test func `only VMs that run have memory`() {
        _ = hosted.note(node, .node, memory: nil)
        _ = hosted.note(vm, .vm, memory: 512)
        #expect(hosted.memory.map(\.bytes) == [512])
        _ = hosted.note(vm, .vm, memory: nil)
        #expect(hosted.memory.isEmpty)
    }

    @Test func `there is a limit, and what is known stays known`() throws {
        for number in 0..<Limits.instances {
            let id = HostedID(host: node.host, id: try #require(HostName("n\(number)")))
            #expect(hosted.note(id, .node, memory: nil))
        }
        #expect(!hosted.note(node, .node, memory: nil))
        let known = HostedID(host: node.host, id: try #require(HostName("n1")))
        #expect(hosted.note(known, .vm, memory: 1) && hosted.kindToInspect(known) == .vm)
    }

    @Test func `an orphan that its host reports takes over its retained state, also from a renamed host`() throws {
        var left = Orphan(kind: .vm, id: vm.id, host: try #require(HostName("old")), generation: "g")
        left.createdAt = 7
        orphans.add(left: left)
        orphans.sight(Orphan(kind: .vm, id: vm.id, host: vm.host, generation: "g")) {
            $0.take(["memory_mb": .number(512), "cpus": .number(2)])
        }
        let orphan = try #require(orphans[vm])
        #expect(orphans.count == 1 && orphan.isSighted && orphan.createdAt == 7 && orphan.vm?.memory == 512)
        // The retained state arrives again after a reconnect.
        orphans.add(left: left)
        #expect(orphans.count == 1)
    }

    @Test func `an orphan that is only retained stays when its host does not report it`() {
        orphans.add(left: Orphan(kind: .node, id: node.id, host: node.host, generation: "g"))
        orphans.forget(node)
        #expect(orphans.count == 1)
        orphans.sight(Orphan(kind: .node, id: node.id, host: node.host, generation: "g")) { _ in }
        orphans.forget(node)
        #expect(orphans.count == 0)
    }

    @Test func `of several orphans of one name, the host has to be named`() throws {
        let other = try #require(HostName("other"))
        orphans.sight(Orphan(kind: .node, id: node.id, host: node.host, generation: "g")) { _ in }
        orphans.sight(Orphan(kind: .node, id: node.id, host: other, generation: "g")) { _ in }
        #expect(throws: Failure.self) { try orphans.find(.node, node.id, on: nil) }
        #expect(try orphans.find(.node, node.id, on: other)?.host == other)
        #expect(try orphans.find(.vm, node.id, on: nil) == nil)
    }
}
