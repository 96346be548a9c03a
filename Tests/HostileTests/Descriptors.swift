import Glibc

/// The limit on open descriptors of this process and its children.
enum Descriptors {
    /// Raises the soft limit to the hard one if it is lower than `count`.
    ///
    /// - Returns: whether the limit is at least `count` now.
    static func raise(to count: Int) -> Bool {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return false }
        if limit.rlim_cur < rlim_t(count) {
            limit.rlim_cur = limit.rlim_max
            guard setrlimit(resource, &limit) == 0 else { return false }
        }
        return limit.rlim_cur >= rlim_t(count)
    }
}
