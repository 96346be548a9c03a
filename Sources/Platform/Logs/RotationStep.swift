/// One change to the disk during a rotation. The agent may be killed after any of them without losing, tearing or
/// doubling a line: ``LogFiles/recoverySteps()`` then gives the remaining steps.
enum RotationStep: Equatable, Sendable {
    /// Copies the unfinished line at the end of the current file to the next file.
    case copyTail(from: Int)
    /// Renames an older file, 1 or more, to the next number, replacing that file.
    case shift(Int)
    /// Renames the current file to the first older one.
    case setAside
    /// Renames the next file to the current one.
    case putNextInPlace
    /// Cuts off the first older file what the current one begins with.
    case cutTail(to: Int)
    /// Removes the next file: the rotation starts over.
    case discardNext
    /// Removes the current file, if no older ones are kept.
    case discardCurrent
    /// Removes an older file beyond the number that is kept.
    case discardOlder(Int)
}
