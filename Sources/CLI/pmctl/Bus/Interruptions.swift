/// The signals that `pmctl run` has got, and what each asks for: the first stops the process, the second kills it, the
/// third leaves it alone.
struct Interruptions {
    enum Step: Int { case stop = 1, kill, leave }

    private var noted = 0
    private var handled = 0

    /// Whether the process was asked to stop.
    var hasStopped: Bool { handled > 0 }
    var areWaiting: Bool { noted > handled }

    mutating func note() { noted += 1 }

    /// As ``note()``, unless there was one before.
    mutating func noteFirst() { noted = max(1, noted) }

    /// The next step; nil if there is none.
    ///
    /// - Parameter isStarting: whether the start of the process is not answered yet. Then it can only be left alone.
    mutating func next(isStarting: Bool) -> Step? {
        if isStarting { return noted >= Step.leave.rawValue ? .leave : nil }
        guard areWaiting else { return nil }
        handled += 1
        return Step(rawValue: min(handled, Step.leave.rawValue))
    }
}
