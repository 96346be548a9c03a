import Cluster
import Model

/// The queue of starts, and the choice of the host.
extension Instances {
    /// Starts queued instances, as many as `max_launches` allows.
    func admitNext() {
        guard leadership.isActing else { return }
        turns.take(active: { store.unsorted.count { $0.lifecycle.isLaunching } }) { id in
            guard let instance = store[id], instance.lifecycle.phase == .queued else { return true }
            return admit(instance)
        }
    }

    /// - Returns: false if the instance has to stay queued; true if it was started or refused.
    private func admit(_ instance: Instance) -> Bool {
        do throws(Failure) {
            instance.place(on: try place(instance.record))
            feed(.admitted, to: instance)
        } catch {
            guard !placement(of: instance.record).isPending(among: hosts.table) else {
                instance.holdUp(error)
                retained.note(instance)
                return false
            }
            feed(.refused(error), to: instance)
        }
        return true
    }

    /// A committed instance stays on its host, and needs no further memory there.
    func placement(of record: InstanceRecord) -> Placement {
        Placement(
            kind: record.kind, host: record.host, memory: record.isCommitted ? 0 : record.memory,
            overcommit: configuration.memoryOvercommit)
    }

    func place(_ record: InstanceRecord) throws(Failure) -> HostName {
        let usage = usage(without: record)
        return try placement(of: record).choose(among: hosts.table) { usage[$0] ?? .init() }
    }

    /// What is placed on each host, without the instance of `record`. Instances that are being removed still count with
    /// their memory.
    private func usage(without record: InstanceRecord) -> [HostName: Placement.Usage] {
        var usage: [HostName: Placement.Usage] = [:]
        for other in store.unsorted where other.id != record.id {
            guard let host = other.record.host else { continue }
            usage[host, default: .init()].promised += other.record.memory
            guard other.lifecycle.want == .up else { continue }
            usage[host, default: .init()].instances += 1
            if other.lifecycle.isLaunching { usage[host, default: .init()].memory += other.record.memory }
        }
        // VMs that were started without this pm-cluster, and leftovers.
        for (hostedID, bytes) in hosted.memory where store[hostedID.id]?.record.host != hostedID.host {
            usage[hostedID.host, default: .init()].promised += bytes
        }
        return usage
    }
}
