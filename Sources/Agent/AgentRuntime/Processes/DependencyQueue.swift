import Model
import Supervision

/// The processes that wait for their dependencies, in the order in which they began to wait, and what each waits for.
///
/// `Supervisor` adds a process when its lifecycle says so, and has the queue look again when another process may have
/// met or blocked a dependency. A process leaves by ``takeReady(by:)`` or ``remove(_:)``.
final class DependencyQueue {
    typealias Standing = (Dependency) -> DependencyStanding

    /// What a process waits for.
    struct Unmet: Equatable {
        var dependencies: [Name] = []
        /// Why the wait can't end without a change from outside; nil when it can.
        var obstacle: String?
    }

    private var waiting: [ManagedProcess] = []
    private var unmet: [Name: Unmet] = [:]

    var isEmpty: Bool { waiting.isEmpty }

    func add(_ process: ManagedProcess) { waiting.append(process) }

    func remove(_ process: ManagedProcess) {
        guard let index = waiting.firstIndex(where: { $0 === process }) else { return }
        waiting.remove(at: index)
        unmet[process.id] = nil
    }

    /// Nil for a process that does not wait, or that no look has seen yet.
    func unmet(of id: Name) -> Unmet? { unmet[id] }

    /// The health reasons, sorted: the processes with an obstacle.
    var reasons: [String] { unmet.compactMap { id, unmet in unmet.obstacle.map { "process \(id) \($0)" } }.sorted() }

    /// Removes and returns the processes that have all dependencies met.
    func takeReady(by standing: Standing) -> [ManagedProcess] {
        var ready: [ManagedProcess] = []
        waiting.removeAll { process in
            guard process.spec.dependsOn.allSatisfy({ standing($0) == .met }) else { return false }
            ready.append(process)
            return true
        }
        for process in ready { unmet[process.id] = nil }
        return ready
    }

    /// Looks again at what each process waits for.
    ///
    /// - Parameter changed: called for each process that waits for other dependencies than before, or has another
    ///   obstacle; with the obstacle if it is new.
    func review(by standing: Standing, changed: (ManagedProcess, _ newObstacle: String?) -> Void) {
        for process in waiting {
            let now = Self.unmet(process.spec.dependsOn, by: standing)
            let before = unmet[process.id] ?? Unmet()
            // `changed` may have had a process of this list started or stopped.
            guard now != before, waiting.contains(where: { $0 === process }) else { continue }
            unmet[process.id] = now
            changed(process, now.obstacle == before.obstacle ? nil : now.obstacle)
        }
    }

    private static func unmet(_ dependencies: [Dependency], by standing: Standing) -> Unmet {
        var unmet = Unmet()
        for dependency in dependencies {
            let standing = standing(dependency)
            if standing != .met { unmet.dependencies.append(dependency.id) }
            if case .blocked(let reason) = standing {
                unmet.obstacle = unmet.obstacle ?? "waits for \(dependency.id), which \(reason)"
            }
        }
        return unmet
    }
}
