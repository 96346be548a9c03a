/// The host's current boot.
package enum Boot {
    /// Random, and different for each boot (random(4)); empty if the kernel does not tell.
    package static let id = FileSystem.firstLine(of: "/proc/sys/kernel/random/boot_id") ?? ""
}
