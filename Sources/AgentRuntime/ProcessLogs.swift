import Glibc
import LinuxSystem
import Model

/// The files that take what processes write: `log/<process_id>.stdout` and `.stderr` in the state directory.
struct ProcessLogs {
    private let directory: String

    init(stateDirectory: String) throws(SystemError) {
        directory = "\(stateDirectory)/log"
        try FileSystem.makeDirectories(directory)
    }

    struct Files: ~Copyable {
        let output: Descriptor
        let error: Descriptor
    }

    /// Opens both for appending.
    func open(_ id: Name, truncating: Bool) throws(SystemError) -> Files {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | (truncating ? O_TRUNC : 0)
        let output = try Descriptor.open(path(id, "stdout"), flags)
        let error = try Descriptor.open(path(id, "stderr"), flags)
        return Files(output: output, error: error)
    }

    func remove(_ id: Name) {
        FileSystem.remove(path(id, "stdout"))
        FileSystem.remove(path(id, "stderr"))
    }

    private func path(_ id: Name, _ stream: String) -> String { "\(directory)/\(id).\(stream)" }
}
