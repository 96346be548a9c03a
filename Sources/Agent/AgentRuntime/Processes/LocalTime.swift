import Glibc

/// The machine's local time: what `TZ` says, or /etc/localtime.
enum LocalTime {
    /// Seconds by which its clocks are ahead of UTC at a number of seconds since the epoch; 0 for years that no calendar has.
    static func offset(at time: Int) -> Int {
        var seconds = time_t(time)
        var fields = tm()
        return localtime_r(&seconds, &fields) == nil ? 0 : Int(fields.tm_gmtoff)
    }

    /// Reads its rules again: /etc/localtime may be another file now, or the file that `TZ` names.
    ///
    /// The C library reads them again when `TZ` is another text than before, so it is for a moment.
    static func reload() {
        guard let zone = getenv("TZ") else { return tzset() }
        let text = String(cString: zone)
        setenv("TZ", "UTC0", 1)
        tzset()
        setenv("TZ", text, 1)
        tzset()
    }
}
