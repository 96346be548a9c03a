/// One change to the disk in the course of a rotation. After each of them the agent may be killed, and no line is lost, torn
/// or doubled: ``LogFiles/recoverySteps()`` are what is left to do then.
enum RotationStep: Equatable, Sendable {
    /// Copies what follows the last whole line of the current file to the next one.
    case copyTail(from: Int)
    /// An older file, 1 or more, becomes the one after it, whose contents go.
    case shift(Int)
    /// The current file becomes the first of the older ones.
    case setAside
    /// The next file becomes the current one.
    case putNextInPlace
    /// The first of the older files loses what the current one begins with.
    case cutTail(to: Int)
    /// The next file goes: the rotation starts over.
    case discardNext
    /// The current file goes, where no older ones are wanted.
    case discardCurrent
    /// An older file goes, as fewer are wanted now.
    case discardOlder(Int)
}
