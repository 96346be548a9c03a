/// How much output of a process is kept (`log` of a config), separately for stdout and stderr.
package struct LogRules: Hashable, Sendable {
    /// Bytes after which a file is rotated.
    package var maximumSize = Limits.logSize
    /// Number of files, including the one being written.
    package var files = Limits.logFiles

    package init() {}
}
