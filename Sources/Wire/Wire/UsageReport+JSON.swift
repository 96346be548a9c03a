import JSONCodec
package import Model

extension UsageReport {
    /// `{"host","timestamp","interval","processes":{"web":{"cpu_seconds","memory","tasks","open_files"}}}` in at most
    /// `limit` bytes: where not all processes fit, it has the largest consumers, and `"truncated":true`.
    package func printed(atMost limit: Int) -> [UInt8] {
        let all = bySize.map { JSON.Member("\($0.id)", $0.usage.json) }
        let whole = printed(all[...])
        guard whole.count > limit else { return whole }
        // The number of processes that fit lies between the bounds.
        var bounds = 0...(all.count - 1)
        while bounds.lowerBound < bounds.upperBound {
            let middle = (bounds.lowerBound + bounds.upperBound + 1) / 2
            let fits = printed(all[..<middle], isTruncated: true).count <= limit
            bounds = fits ? middle...bounds.upperBound : bounds.lowerBound...(middle - 1)
        }
        return printed(all[..<bounds.lowerBound], isTruncated: true)
    }

    private func printed(_ processes: ArraySlice<JSON.Member>, isTruncated: Bool = false) -> [UInt8] {
        var members = Members()
        members.add("host", .string(host.description))
        members.add("timestamp", .number(timestamp))
        members.add("interval", .number(interval))
        members.add("processes", .object(Array(processes)))
        if isTruncated { members.add("truncated", true) }
        return members.json.printed()
    }
}

extension ProcessUsage {
    var json: JSON {
        var members = Members()
        members.add("cpu_seconds", cpuSeconds.map { .number($0) })
        members.add("memory", memory.map { .number($0) })
        members.add("tasks", tasks.map { .number($0) })
        members.add("open_files", openFiles.map { .number($0) })
        return members.json
    }
}
