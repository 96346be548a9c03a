import JSONCodec
import Model

extension ResourceLimits {
    /// Decodes `{"open_files","core","memory","cpu","pids"}`.
    init(_ field: Field) throws(Failure) {
        self.init()
        let fields = try field.object(of: ["open_files", "core", "memory", "cpu", "pids"])
        openFiles = UInt64(exactly: try fields["open_files"]?.whole(in: 1...Limits.openFiles))
        core = UInt64(exactly: try fields["core"]?.bytes(in: 0...Limits.mostBytes))
        memory = UInt64(exactly: try fields["memory"]?.bytes(in: Limits.leastMemory...Limits.mostBytes))
        cpu = try fields["cpu"]?.number("a number of processors", in: Limits.leastCPU...Limits.mostCPU)
        pids = UInt64(exactly: try fields["pids"]?.whole(in: 1...Limits.pids))
    }

    var json: JSON {
        var members = Members()
        members.add("open_files", openFiles.map { .number($0) })
        members.add("core", core.map { .number($0) })
        members.add("memory", memory.map { .number($0) })
        members.add("cpu", cpu.map { .number($0) })
        members.add("pids", pids.map { .number($0) })
        return members.json
    }
}

extension UInt64 {
    /// Nil for a missing count.
    fileprivate init?(exactly count: Int?) {
        guard let count else { return nil }
        self.init(exactly: count)
    }
}
