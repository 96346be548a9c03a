import JSONCodec

/// What a process and all that it started use: an object of `pm/<host>/usage`, or `usage` of an entry. What the agent
/// can't find out is nil.
struct Usage: Equatable {
    /// Seconds of processor time since the start.
    let cpuSeconds: Double?
    /// Bytes.
    let memory: Double?
    let tasks: Int?
    let openFiles: Int?

    init(_ json: JSON?) {
        cpuSeconds = json?["cpu_seconds"]?.number
        memory = json?["memory"]?.number
        tasks = json?["tasks"]?.integer
        openFiles = json?["open_files"]?.integer
    }

    /// The object again, without unknown fields.
    var json: JSON {
        let values: [(String, Double?)] = [
            ("cpu_seconds", cpuSeconds), ("memory", memory), ("tasks", tasks.map(Double.init)),
            ("open_files", openFiles.map(Double.init)),
        ]
        return .object(values.compactMap { name, value in value.map { .init(name, .number($0)) } })
    }
}
