extension ProcessTree {
    /// How many processes of it live, and the programs' names of `limit` of them at most, which may be anything that the
    /// processes like.
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
