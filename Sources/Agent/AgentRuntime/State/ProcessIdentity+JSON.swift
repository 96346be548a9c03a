import JSONCodec
import LinuxSystem

extension ProcessIdentity {
    var json: JSON { ["pid": .number(pid), "start_time": .number(startTime)] }

    /// Nil if the values can't come from the kernel.
    init?(_ json: JSON) {
        guard let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }), pid > 1,
            let startTime = json["start_time"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(pid: pid, startTime: startTime)
    }
}
