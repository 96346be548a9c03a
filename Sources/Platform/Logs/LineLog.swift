package import LinuxSystem

/// A log of lines that this program writes itself, in rotated files.
package final class LineLog {
    private let files: LogFiles
    private var file: LogFile?

    package init(_ files: LogFiles) { self.files = files }

    /// Removes the whole log. The next line starts a new one.
    package func remove() {
        file = nil
        files.remove()
    }

    /// Appends a line, completely or not at all.
    ///
    /// - Parameter line: without its newline.
    package func append(_ line: [UInt8]) throws(SystemError) {
        if let file, !file.refresh() { self.file = nil }
        let file = try files.open(after: file)
        self.file = file
        try file.append((line + [UInt8(ascii: "\n")])[...])
    }
}
