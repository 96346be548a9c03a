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
