import Glibc

/// The host's local time: that of `TZ`, else of /etc/localtime.
package enum LocalTime {
    /// Seconds by which local time is ahead of UTC at `time` seconds since the epoch; 0 where localtime_r(3) fails, as
    /// for years that don't fit an `int`.
    package static func offset(at time: Int) -> Int {
        var seconds = time_t(time)
        var fields = tm()
        return localtime_r(&seconds, &fields) == nil ? 0 : Int(fields.tm_gmtoff)
    }

    /// `2026-12-01T11:32:06+0100`.
    ///
    /// - Parameter time: seconds since the epoch.
    package static func text(of time: Double) -> String {
        var seconds = time_t(time)
        var fields = tm()
        var text = [CChar](repeating: 0, count: 64)
        guard localtime_r(&seconds, &fields) != nil else { return "\(Int(time))" }
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S%z", &fields)
        return String(decoding: text.lazy.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Reads the time zone's rules again: /etc/localtime, or the file that `TZ` names, may have been replaced.
    ///
    /// The C library reads them again only when the value of `TZ` changes. So it is changed for a moment.
    package static func reload() {
        guard let zone = Environment.value("TZ") else { return tzset() }
        setenv("TZ", "UTC0", 1)
        tzset()
        setenv("TZ", zone, 1)
        tzset()
    }
}
