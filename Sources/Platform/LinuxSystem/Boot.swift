/// The host's current boot.
package enum Boot {
    /// Random, and different for each boot (random(4)); empty if the kernel does not tell.
    package static let id: String = {
        let bytes = (try? FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 4096)) ?? []
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()
}
