import struct Glibc.tm
import typealias Glibc.time_t
import func Glibc.strsignal
import func Glibc.localtime_r
import func Glibc.strftime

/// Formats durations, sizes and numbers for people.
enum Quantity {
    /// Two units at most: `12s`, `4m 12s`, `2h 5m`, `3d 4h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "-" }
        let total = Int(max(0, seconds))
        let (days, hours, minutes) = (total / 86_400, total / 3_600 % 24, total / 60 % 60)
        if days > 0 { return join(days, "d", hours, "h") }
        if hours > 0 { return join(hours, "h", minutes, "m") }
        if minutes > 0 { return join(minutes, "m", total % 60, "s") }
        return "\(total)s"
    }

    private static func join(_ big: Int, _ bigUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(big)\(bigUnit)" : "\(big)\(bigUnit) \(small)\(smallUnit)"
    }

    /// `10 s`, `0.5 s`
    static func seconds(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }

    /// Bytes: `512 B`, `1.5 KiB`, `31.2 GiB`.
    static func bytes(_ count: Double) -> String {
        var value = count
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1_024, units.count > 1 {
            value /= 1_024
            units.removeFirst()
        }
        return units.first == "B" ? "\(Int(value)) B" : "\(decimal(value, places: 1)) \(units.first ?? "")"
    }

    /// A fixed number of decimal places, 1 or 2, with a point in every locale.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 1 ? 10.0 : 100.0
        guard value.isFinite, value.magnitude < 1e12 else { return "-" }
        let scaled = Int((value.magnitude * scale).rounded())
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: (places == 1 ? 1 : 2) - fraction.count)
        return "\(value < 0 ? "-" : "")\(scaled / Int(scale)).\(zeros)\(fraction)"
    }

    /// The description of a signal: `killed` for 9 (strsignal(3), in lower case).
    static func signal(_ number: Int) -> String {
        strsignal(Int32(clamping: number)).map { String(cString: $0).lowercased() } ?? "signal \(number)"
    }

    /// Local time: `14:03:59`, or with the date when `isFull`.
    static func time(_ seconds: Double, isFull: Bool = false) -> String {
        var time = time_t(clamping: Int(max(-1e12, min(1e12, seconds))))
        var fields = tm()
        localtime_r(&time, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let length = strftime(&text, text.count, isFull ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &fields)
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Local time with date and milliseconds; dashes of the same width if it is not known.
    static func moment(_ seconds: Double?) -> String {
        guard let seconds else { return String(repeating: "-", count: 23) }
        let milliseconds = Int((max(-1e12, min(1e12, seconds)) * 1_000).rounded(.down))
        let fraction = String(((milliseconds % 1_000) + 1_000) % 1_000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        return "\(time(Double(milliseconds) / 1_000, isFull: true)).\(zeros)\(fraction)"
    }
}
