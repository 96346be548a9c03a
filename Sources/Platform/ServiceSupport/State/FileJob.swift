package import LinuxSystem

/// Writes or removes a file durably; may take as long as the disk does, so it runs off the loop.
package final class FileJob {
    private let directory: String
    private let name: String
    /// Nil: remove the file.
    private let bytes: [UInt8]?
    /// Set when the job has run.
    package private(set) var failure: SystemError?

    package init(directory: String, name: String, bytes: [UInt8]?) {
        self.directory = directory
        self.name = name
        self.bytes = bytes
    }

    package func run() {
        let path = "\(directory)/\(name)"
        guard let bytes else {
            FileSystem.remove(path)
            return
        }
        do throws(SystemError) {
            try FileSystem.makeDirectories(directory)
            try FileSystem.replace(path, with: bytes, isDurable: true)
        } catch {
            failure = error
        }
    }
}
