/// What one drain of a stream did.
package struct DrainResult: Equatable, Sendable {
    package enum Rest: Equatable, Sendable {
        /// There may be more at once; the budget is used up.
        case more
        /// The pipe is empty, or nearly so.
        case nothing
        /// The pipe is empty and nobody can write to it any more.
        case ended
    }

    package enum Change: Equatable, Sendable {
        /// From now on what comes is dropped; ``LogWriter/outage`` says why.
        case failed
        /// It is written again.
        case recovered(droppedBytes: Int)
    }

    /// Bytes taken from the pipe, whether written or dropped.
    package var bytes = 0
    package var rest = Rest.more
    /// The last change during this drain; nil when there was none.
    package var change: Change?
}
