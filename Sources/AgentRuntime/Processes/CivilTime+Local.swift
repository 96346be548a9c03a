import Glibc
import Supervision

extension CivilTime {
    /// The machine's local time.
    ///
    /// - Parameter time: seconds since the epoch.
    static func local(_ time: Double) -> CivilTime {
        var seconds = time_t(time)
        var fields = tm()
        localtime_r(&seconds, &fields)
        return CivilTime(
            year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday),
            hour: Int(fields.tm_hour), minute: Int(fields.tm_min))
    }

    /// Seconds since the epoch. A time that a change of the clocks leaves out is the one as far behind it.
    var epoch: Double {
        var fields = tm()
        fields.tm_year = Int32(year - 1900)
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        fields.tm_hour = Int32(hour)
        fields.tm_min = Int32(minute)
        fields.tm_isdst = -1
        return Double(mktime(&fields))
    }
}
