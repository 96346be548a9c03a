import LinuxSystem
package import Model

/// The files of one stream of a process: `<directory>/<name>` is being written; `<name>.1` is the newest of the older
/// ones, `.2` the one before, up to `files` in all. Their contents in a row are what the process wrote.
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

    /// What becomes `current` when a rotation is done; there only in the midst of one. No file of another stream is called
    /// so: they end in `.stdout`, `.stderr` or a number.
    var next: String { "\(current).next" }

    /// - Parameter number: 1 is the newest.
    func older(_ number: Int) -> String { "\(current).\(number)" }

    /// How many older files there may be.
    var olderCount: Int { max(0, rules.files - 1) }

    var maximumSize: Int { max(1, rules.maximumSize) }

    /// Removes all of them: what they say is of no interest any more.
    package func remove() {
        let wasThere = [current, next].map { Self.remove($0) }.contains(true)
        // Without either there is none: at each step of a rotation, one of them is there.
        guard wasThere else { return }
        for number in 0..<olderCount { Self.remove(older(number + 1)) }
    }

    /// Removes a file and what is beside it.
    @discardableResult
    static func remove(_ log: String) -> Bool {
        FileSystem.remove(ArrivalIndex.path(of: log))
        return FileSystem.remove(log)
    }

    /// Renames a file, and then what is beside it: after a death between the two, times of that file may be unknown.
    static func rename(_ log: String, to new: String) throws(SystemError) {
        try FileSystem.rename(log, to: new)
        if (try? FileSystem.rename(ArrivalIndex.path(of: log), to: ArrivalIndex.path(of: new))) == nil {
            FileSystem.remove(ArrivalIndex.path(of: new))
        }
    }
}
