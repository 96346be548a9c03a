/// One of the two ways in which a process talks.
package enum LogStream: String, Hashable, Sendable, CaseIterable {
    case stdout, stderr
}
