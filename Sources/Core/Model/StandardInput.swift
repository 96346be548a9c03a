/// What a process reads from stdin (`stdin` of a config).
package enum StandardInput: Hashable, Sendable {
    /// This, and then the end.
    case text(String)
    /// Nothing, and no end as long as the process lives: some programs end when their stdin does.
    case open
}
