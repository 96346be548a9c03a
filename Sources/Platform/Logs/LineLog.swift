package import LinuxSystem

/// Lines that this program writes itself, in files that are set aside when they are full.
package final class LineLog {
    private let files: LogFiles
    private var file: LogFile?

    package init(_ files: LogFiles) { self.files = files }

    /// Takes all of it away; what is appended then is the beginning.
    package func remove() {
        file = nil
        files.remove()
    }

    /// Appends a line, all of it or nothing of it.
    ///
    /// - Parameter line: without its newline.
    package func append(_ line: [UInt8]) throws(SystemError) {
        if let file, !file.refresh() { self.file = nil }
        let file = try files.open(after: file)
        self.file = file
        try file.append((line + [UInt8(ascii: "\n")])[...])
    }
}
