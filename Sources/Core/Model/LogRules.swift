/// How much of what a process writes is kept (`log` of a config); for stdout and stderr each.
package struct LogRules: Hashable, Sendable {
    /// Bytes after which a file is set aside and a new one begun.
    package var maximumSize = Limits.logSize
    /// Files in all: the one being written and the older ones.
    package var files = Limits.logFiles

    package init() {}
}
