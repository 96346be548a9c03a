/// The result of one drain of a stream.
package struct DrainResult: Equatable, Sendable {
    package enum Rest: Equatable, Sendable {
        /// The budget is used up. There may be more in the pipe.
        case more
        /// The pipe is empty, or almost.
        case nothing
        /// The pipe is empty and has no writer any more.
        case ended
    }

    package enum Change: Equatable, Sendable {
        /// Bytes are dropped from now on; ``LogWriter/outage`` says why.
        case failed
        /// Bytes are written again.
        case recovered(droppedBytes: Int)
    }

    /// Bytes taken from the pipe, whether written or dropped.
    package var bytes = 0
    package var rest = Rest.more
    /// The last change during this drain; nil if there was none.
    package var change: Change?
}
