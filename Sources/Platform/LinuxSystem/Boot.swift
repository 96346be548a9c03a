/// The host's current boot.
package enum Boot {
    /// Random, and different for each boot (random(4)); empty if the kernel does not tell.
    package static let id = FileSystem.firstLine(of: "/proc/sys/kernel/random/boot_id") ?? ""

    /// Whether /proc is mounted (proc(5)). Without it no process can be recognized.
    package static var hasProc: Bool { FileSystem.kind(of: "/proc/self/stat") != nil }
}
