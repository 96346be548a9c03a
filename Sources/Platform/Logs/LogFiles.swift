import LinuxSystem
package import Model

/// The files of one stream of a process: `<directory>/<name>` is being written, `<name>.1` is the newest older one,
/// `.2` the one before, up to `files` in total. Concatenated, they are what the process wrote.
///
/// This type names, rotates (`LogFiles+Rotation.swift`) and reads them (`LogFiles+Read.swift`). ``LogWriter`` writes
/// them.
package struct LogFiles: Sendable {
    package let directory: String
    /// `<process_id>.stdout` or `<process_id>.stderr`.
    package let name: String
    package let rules: LogRules

    package init(directory: String, name: String, rules: LogRules) {
        self.directory = directory
        self.name = name
        self.rules = rules
    }

    var current: String { "\(directory)/\(name)" }

    /// The file that becomes `current` at the end of a rotation, and exists only during one. No other stream has a file
    /// of this name, because those end in `.stdout`, `.stderr` or a number.
    var next: String { "\(current).next" }

    /// - Parameter number: 1 is the newest.
    func older(_ number: Int) -> String { "\(current).\(number)" }

    /// Maximum number of older files.
    var olderCount: Int { max(0, rules.files - 1) }

    var maximumSize: Int { max(1, rules.maximumSize) }

    /// Removes all files.
    package func remove() {
        let wasThere = [current, next].map { Self.remove($0) }.contains(true)
        // At each step of a rotation one of the two exists, so without them there are no files.
        guard wasThere else { return }
        for number in 0..<olderCount { Self.remove(older(number + 1)) }
    }

    /// Removes a file and its index.
    @discardableResult
    static func remove(_ log: String) -> Bool {
        FileSystem.remove(ArrivalIndex.path(of: log))
        return FileSystem.remove(log)
    }

    /// Renames a file, and then its index. If the agent is killed in between, times of that file may be unknown.
    static func rename(_ log: String, to new: String) throws(SystemError) {
        try FileSystem.rename(log, to: new)
        if (try? FileSystem.rename(ArrivalIndex.path(of: log), to: ArrivalIndex.path(of: new))) == nil {
            FileSystem.remove(ArrivalIndex.path(of: new))
        }
    }
}
