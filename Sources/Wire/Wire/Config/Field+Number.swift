import JSONCodec
import Model

extension Field {
    func whole(in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let value = json.integer, range.contains(value) else {
            throw invalid("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func number(_ what: String = "a number", in range: ClosedRange<Double>) throws(Failure) -> Double {
        guard let value = json.number, range.contains(value) else {
            throw invalid("\(what) from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
        }
        return value
    }

    /// A duration that may be zero.
    func seconds() throws(Failure) -> Double { try number("a number of seconds", in: 0...Limits.longestWait) }

    /// An interval or a timeout, which must not be zero.
    func period(atMost longest: Double = Limits.longestWait) throws(Failure) -> Double {
        try number("a number of seconds", in: Limits.shortestWait...longest)
    }

    /// A number of bytes, or a string such as `64M`; K, M, G and T stand for powers of 1,024.
    func bytes(in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let bytes = json.string.map(Self.bytes) ?? json.integer, range.contains(bytes) else {
            throw invalid(
                "a number of bytes from \(range.lowerBound) to \(range.upperBound), or a string with K, M, G or T as \"64M\""
            )
        }
        return bytes
    }

    /// The number of a signal that is given by name or by number.
    func signal() throws(Failure) -> Int32 {
        let number = json.string.map(SignalName.number) ?? json.integer.flatMap(Int32.init(exactly:))
        guard let number, (1...Limits.signal).contains(number) else {
            throw invalid("a signal's name as \"TERM\", or its number from 1 to \(Limits.signal)")
        }
        return number
    }

    private static func bytes(_ text: String) -> Int? {
        var digits = Substring(text).utf8
        var shift = 0
        // Bit 0x20 makes an ASCII letter lower-case.
        switch digits.last.map({ $0 | 0x20 }) {
        case UInt8(ascii: "k"): shift = 10
        case UInt8(ascii: "m"): shift = 20
        case UInt8(ascii: "g"): shift = 30
        case UInt8(ascii: "t"): shift = 40
        default: break
        }
        if shift > 0 { digits.removeLast() }
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(Substring(digits)) else { return nil }
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: 1 << shift)
        return isTooLarge ? nil : bytes
    }

    private static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}
