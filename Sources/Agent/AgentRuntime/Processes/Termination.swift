import LinuxSystem
import Model

/// The end of one tree: what SIGKILL was sent to, and which remnants are waited for. Few runs need it, so it is apart
/// from ``Run`` to save memory.
final class Termination {
    /// What is left of a tree after the end of its main process.
    enum Remnants {
        /// Nothing that is waited for.
        case gone
        case alive
        /// Processes that appeared in the tree later, found for the first time and killed. To be looked at again, once,
        /// after ``Limits/killRecheck``.
        case latecomers
    }

    private let tree: ProcessTree
    /// The remnants to wait for; those that appear later are not in it.
    private var awaited: Set<ProcessIdentity> = []
    private var hasSeenLatecomers = false
    /// How many times SIGKILL was sent to the tree, and whether it could be sent.
    private var kills = 0
    private var delivery = Delivery()

    init(of tree: ProcessTree) { self.tree = tree }

    // MARK: SIGKILL

    func kill() {
        add(tree.kill())
        kills += 1
    }

    func add(_ delivery: Delivery) { self.delivery.add(delivery) }

    /// Why the tree still lives, if it was killed long enough ago; else nil.
    var obstacle: String? {
        guard Double(kills) * Limits.killRecheck > Limits.killPatience else { return nil }
        let living = Set(tree.members().compactMap { ProcessIdentity(of: $0) })
        let refused = living.filter { delivery.refusals.contains($0.pid) }
        guard refused.isEmpty else { return "no permission to signal \(refused.list)" }
        guard delivery.isSent else { return "still alive, and SIGKILL could not be sent: \(living.list)" }
        return "still alive \(Int(Limits.killPatience)) s after SIGKILL: \(living.list)"
    }

    // MARK: Remnants

    /// Waits for the members that live now.
    func awaitMembers() { awaited = tree.remember() }

    /// Kills what has appeared in the tree after ``awaitMembers()``, when the others have ended.
    func look() -> Remnants {
        awaited = awaited.filter { !$0.hasEnded }
        guard awaited.isEmpty else { return .alive }
        if tree.removeIfEmpty() { return .gone }
        // Otherwise a process could delay another one's restart by adding one process after the other to its tree.
        add(tree.kill())
        if tree.remove() { return .gone }
        guard !hasSeenLatecomers else { return .alive }
        hasSeenLatecomers = true
        return .latecomers
    }
}
