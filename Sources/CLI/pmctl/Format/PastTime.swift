import struct Glibc.tm
import func Glibc.mktime
import func Glibc.timegm

/// A time in the past, as a person writes it: `30s`, `10m`, `2h`, `1d` before now; `2026-11-30`, `2026-11-30 14:03`
/// or `2026-11-30T14:03:59.5` in local time, or in UTC with a `Z`; `@1764511439` in seconds since the epoch.
struct PastTime: Equatable {
    /// Seconds since the epoch.
    let seconds: Double

    init?(_ text: String, now: Double) {
        if text.first == "@" {
            guard let seconds = Double(text.dropFirst()), seconds >= 0, seconds.isFinite else { return nil }
            self.seconds = seconds
        } else if let unit = text.last.flatMap({ Self.units[$0] }) {
            guard let count = Double(text.dropLast()), count >= 0, count.isFinite else { return nil }
            seconds = max(0, now - count * unit)
        } else {
            guard let seconds = Self.calendar(text), seconds >= 0 else { return nil }
            self.seconds = seconds
        }
    }

    private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]

    private static func calendar(_ text: String) -> Double? {
        let isUTC = text.last == "Z"
        let parts = (isUTC ? text.dropLast() : text[...]).split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "T" || $0 == " " })
        guard let date = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map({ Int($0) }),
            date.count == 3, let year = date[0], let month = date[1], let day = date[2], parts.count <= 2,
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let clock = parts.count == 2 ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : ["0", "0"]
        guard (2...3).contains(clock.count), let hour = Int(clock[0]), let minute = Int(clock[1]),
            let second = clock.count == 3 ? Double(clock[2]) : 0,
            (0...23).contains(hour), (0...59).contains(minute), (0..<61).contains(second)
        else { return nil }
        var fields = tm()
        fields.tm_year = Int32(year - 1900)
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        fields.tm_hour = Int32(hour)
        fields.tm_min = Int32(minute)
        fields.tm_isdst = -1
        return Double(isUTC ? timegm(&fields) : mktime(&fields)) + second
    }
}
