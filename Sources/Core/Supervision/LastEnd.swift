package import Model

/// How the latest run of a process ended.
package struct LastEnd: Equatable, Sendable {
    /// Nil when the exit status is unknown.
    package let exit: ExitStatus?
    /// Whether it ended by itself, not because of a stop.
    package let isOwn: Bool

    package init(exit: ExitStatus?, isOwn: Bool) {
        self.exit = exit
        self.isOwn = isOwn
    }

    package var isCompletion: Bool { isOwn && exit == .exited(code: 0) }
}
