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

    /// Whether the program could not be executed, or the working directory could not be entered. Both are files that
    /// the requester has named.
    package var isOfProgram: Bool { stage == PM_SPAWN_EXEC.rawValue }
    package var isOfDirectory: Bool { stage == PM_SPAWN_DIRECTORY.rawValue }

    /// A lower-case phrase for the requester.
    package var reason: String {
        let error = SystemError.reason(number)
        // If the system has no room for another process, either step reports it.
        if number == EAGAIN, stage == PM_SPAWN_CLONE.rawValue || stage == PM_SPAWN_CGROUP.rawValue {
            return "too many processes"
        }
        return switch stage {
        case PM_SPAWN_CGROUP.rawValue: "cgroup: \(error)"
        case PM_SPAWN_NETWORK.rawValue: "a network of its own: \(error)"
        case PM_SPAWN_OPEN_FILES.rawValue: "limits.open_files: \(error)"
        case PM_SPAWN_CORE.rawValue: "limits.core: \(error)"
        case PM_SPAWN_DATA.rawValue: "limits.memory: \(error)"
        case PM_SPAWN_NICE.rawValue: "nice: \(error)"
        case PM_SPAWN_GROUP.rawValue: "group: \(error)"
        case PM_SPAWN_USER.rawValue: "user: \(error)"
        case PM_SPAWN_DIRECTORY.rawValue: "working directory: \(error)"
        case PM_SPAWN_EXEC.rawValue: error
        case PM_SPAWN_STOPPED.rawValue:
            "the new process was stopped before it could execute its program, and killed \(PM_SPAWN_STOP_PATIENCE) s later"
        case PM_SPAWN_LATE.rawValue:
            "the new process had not executed its program within \(PM_SPAWN_PATIENCE) s, and was killed"
        default: "can't start a process: \(error)"
        }
    }
}
