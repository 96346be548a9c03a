import JSONCodec

/// Builds a JSON object without members for absent values.
struct Members {
    private(set) var all: [JSON.Member] = []

    var json: JSON { .object(all) }

    mutating func add(_ key: String, _ value: JSON?) {
        if let value { all.append(.init(key, value)) }
    }

    /// Adds a value unless it is the default.
    mutating func add(_ key: String, _ value: Double, unless usual: Double) {
        if value != usual { add(key, .number(value)) }
    }

    mutating func add(_ key: String, _ value: Int, unless usual: Int) {
        if value != usual { add(key, .number(value)) }
    }
}
