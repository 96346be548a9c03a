extension ProcessTree {
    /// The number of living members, and the program names of at most `limit` of them. A process can set its name to
    /// any bytes.
    package func census(names limit: Int) -> (count: Int, names: [[UInt8]]) {
        let members = members().sorted()
        var names: [[UInt8]] = []
        for pid in members where names.count < limit {
            guard let text = try? FileSystem.read("/proc/\(pid)/comm", limit: 64) else { continue }
            names.append(text)
        }
        return (members.count, names)
    }
}
