import CLinux
import Glibc

/// Why a program did not start.
package struct SpawnError: Error, Equatable, Sendable {
    package let number: Int32
    private let stage: UInt32

    init(stage: pm_spawn_stage, number: Int32) {
        self.number = number
        self.stage = stage.rawValue
    }

    /// A lower-case phrase for the requester.
    package var reason: String {
        switch (stage, number) {
        case (PM_SPAWN_CLONE.rawValue, EAGAIN): "too many processes"
        case (PM_SPAWN_DIRECTORY.rawValue, _): "working directory: \(SystemError.reason(number))"
        case (PM_SPAWN_EXEC.rawValue, _): SystemError.reason(number)
        default: "can't start a process: \(SystemError.reason(number))"
        }
    }
}
