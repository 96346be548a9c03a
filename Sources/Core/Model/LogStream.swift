/// The output streams of a process.
package enum LogStream: String, Hashable, Sendable, CaseIterable {
    case stdout, stderr
}
