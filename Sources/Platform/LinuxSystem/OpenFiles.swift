import CLinux
import Glibc

/// RLIMIT_NOFILE: a daemon needs many descriptors. Its children get the limit that it was started with, because
/// select(2) fails above 1,024.
package enum OpenFiles {
    /// The soft limit that this program was started with.
    package static let inherited = UInt64(limits().rlim_cur)

    /// Raises the soft limit to the hard one.
    package static func raise() {
        var limit = limits()
        guard inherited < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func limits() -> rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }
}
