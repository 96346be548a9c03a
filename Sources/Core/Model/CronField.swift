/// One of the five fields of crontab(5): its range of numbers, and the names that stand for some of them.
struct CronField {
    let name: StaticString
    let range: ClosedRange<Int>
    /// The first name stands for `firstWord`.
    var words: [StaticString] = []
    var firstWord = 0

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let dayOfMonth = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        words: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], firstWord: 1)
    /// 7 is Sunday too, so that a range can end with Sunday.
    static let dayOfWeek = CronField(
        name: "day of week", range: 0...7, words: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])

    /// Whether the field means "every N units": all values, or several values by a step.
    func isPeriodic(_ text: Substring, _ values: UInt64) -> Bool {
        values == Self.bits(range.lowerBound, range.upperBound, step: 1)
            || text.contains("/") && values.nonzeroBitCount > 1
    }

    /// Parses a list such as `1-5,10-40/10,*/15`; bit n of the result stands for value n.
    func bits(_ text: Substring) throws(Failure) -> UInt64 {
        var values: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { values |= try bits(ofPart: part) }
        return values
    }

    private func bits(ofPart part: Substring) throws(Failure) -> UInt64 {
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let isEvery = halves[0] == "*"
        let first = isEvery ? range.lowerBound : try value(ends[0])
        let last = isEvery ? range.upperBound : ends.count == 2 ? try value(ends[1]) : first
        guard first <= last else { throw invalid(part) }
        guard halves.count == 2 else { return Self.bits(first, last, step: 1) }
        // As in cron, a step needs a range or `*`.
        guard isEvery || ends.count == 2, let step = Self.number(halves[1]), step > 0 else { throw invalid(part) }
        return Self.bits(first, last, step: step)
    }

    private static func bits(_ first: Int, _ last: Int, step: Int) -> UInt64 {
        var values: UInt64 = 0
        for value in stride(from: first, through: last, by: step) { values |= 1 << UInt64(value) }
        return values
    }

    private func value(_ text: Substring) throws(Failure) -> Int {
        let upper = text.uppercased()
        let word = words.firstIndex { "\($0)" == upper }.map { $0 + firstWord }
        guard let value = word ?? Self.number(text), range.contains(value) else { throw invalid(text) }
        return value
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private func invalid(_ text: Substring) -> Failure {
        Failure(.invalidArgument, "its \(name) can't be \"\(text)\"")
    }
}
