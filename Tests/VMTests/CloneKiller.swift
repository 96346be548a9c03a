import Foundation
import Synchronization
import TestSupport

/// Kills the QEMU of the next clone before its guest reports anything. It uses a thread of its own, because a test that
/// is scheduled late would miss the moment.
final class CloneKiller: Sendable {
    private let hasKilled = Atomic(false)

    var isDone: Bool { hasKilled.load(ordering: .acquiring) }

    init(of agent: SystemProcess) {
        Thread.detachNewThread { [weak self] in
            while let self {
                if let clone = agent.descendants.first(where: { $0.arguments.contains("-incoming") }) {
                    clone.kill()
                    return hasKilled.store(true, ordering: .releasing)
                }
                usleep(500)
            }
        }
    }
}
