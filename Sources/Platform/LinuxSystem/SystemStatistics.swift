import CLinux
import Glibc

/// Figures of the host and of this program (proc(5)).
package enum SystemStatistics {
    /// Load averages over 1, 5 and 15 minutes.
    package static func loadAverages() -> [Double] {
        var averages = [0.0, 0, 0]
        return getloadavg(&averages, 3) == 3 ? averages : []
    }

    package static func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Bytes of memory: in total, and available to new programs.
    package static func memory() -> (total: Int, available: Int) {
        let lines = text(of: "/proc/meminfo").split(separator: "\n")
        func bytes(_ key: String) -> Int {
            let line = lines.first { $0.hasPrefix(key) }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return (bytes("MemTotal:"), bytes("MemAvailable:"))
    }

    /// This program's resident memory in bytes.
    package static func residentMemory() -> Int {
        let pages = text(of: "/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Seconds of processor time this program has used.
    package static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func text(of path: String) -> String {
        String(decoding: (try? FileSystem.read(path, limit: 64 * 1024)) ?? [], as: UTF8.self)
    }
}
