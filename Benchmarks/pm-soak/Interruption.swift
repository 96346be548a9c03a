import Glibc
import Synchronization

/// Records SIGINT and SIGTERM, so that an interrupted run still ends everything that it has started.
enum Interruption {
    private static let flag = Atomic(false)

    static var hasCome: Bool { flag.load(ordering: .relaxed) }

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.flag.store(true, ordering: .relaxed) }
        }
    }
}
