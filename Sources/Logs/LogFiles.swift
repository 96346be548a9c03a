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
        let wasThere = [current, next].map { FileSystem.remove($0) }.contains(true)
        // Without either there is none: at each step of a rotation, one of them is there.
        guard wasThere else { return }
        for number in 0..<olderCount { FileSystem.remove(older(number + 1)) }
    }
}
