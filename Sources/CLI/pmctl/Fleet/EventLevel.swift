/// How important an event is.
enum EventLevel: String, CaseIterable, Comparable {
    case info, warning, error

    static func < (left: EventLevel, right: EventLevel) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
