/// How soon the kernel ends a process when memory runs out (proc_pid_oom_score_adj(5)).
enum OOMScore {
    private static let highest: Int32 = 1000

    /// This program's own value when it was started; 0 if that can't be read.
    private static let own = FileSystem.firstLine(of: "/proc/self/oom_score_adj").flatMap { Int32($0) } ?? 0

    /// The value of a process that is to be ended before this program.
    static func ofChild(_ wanted: Int32) -> Int32 { min(max(wanted, own + 1), highest) }
}
