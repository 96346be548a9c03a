import Glibc
import LinuxSystem
import Model

/// The files that take what processes write: `log/<process_id>.stdout` and `.stderr` in the state directory.
///
/// Files of forgotten processes are kept aside for new ones: where thousands of short processes come and go, ext4 takes
/// longer and longer to find an inode that was not deleted a moment ago.
struct ProcessLogs {
    private let directory: String
    /// Pairs of files set aside, named `.0` and so on, which no process is called.
    private var spares = 0

    init(stateDirectory: String) throws(SystemError) {
        directory = "\(stateDirectory)/log"
        try FileSystem.makeDirectories(directory)
    }

    struct Files: ~Copyable {
        let output: Descriptor
        let error: Descriptor
    }

    /// Opens both for appending.
    ///
    /// - Parameter isNew: what is in files of this name is nobody's any more.
    mutating func open(_ id: Name, isNew: Bool) throws(SystemError) -> Files {
        if isNew, spares > 0 {
            spares -= 1
            move(".\(spares)", to: "\(id)")
        }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | (isNew ? O_TRUNC : 0)
        let output = try Descriptor.open(path("\(id)", "stdout"), flags)
        let error = try Descriptor.open(path("\(id)", "stderr"), flags)
        return Files(output: output, error: error)
    }

    mutating func remove(_ id: Name) {
        if spares < Limits.spareLogs {
            move("\(id)", to: ".\(spares)")
            spares += 1
        } else {
            FileSystem.remove(path("\(id)", "stdout"))
            FileSystem.remove(path("\(id)", "stderr"))
        }
    }

    private func move(_ name: String, to other: String) {
        for stream in ["stdout", "stderr"] { rename(path(name, stream), path(other, stream)) }
    }

    private func path(_ name: String, _ stream: String) -> String { "\(directory)/\(name).\(stream)" }
}
