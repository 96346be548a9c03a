/// What a process reads from stdin (`stdin` of a config).
package enum StandardInput: Hashable, Sendable {
    /// This text, followed by the end of file.
    case text(String)
    /// Nothing, but no end of file while the process lives: some programs end when their stdin does.
    case open
}
