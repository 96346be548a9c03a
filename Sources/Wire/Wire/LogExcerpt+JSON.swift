package import JSONCodec
package import Model

extension LogExcerpt {
    var members: [JSON.Member] {
        var members = Members()
        members.add("stdout", stdout.map(list))
        members.add("stderr", stderr.map(list))
        members.add("lines", merged.map { .array($0.map { $0.record(hasTime: hasTimes) }) })
        if isTruncated { members.add("truncated", true) }
        if hasMore { members.add("more", true) }
        if hasGap { members.add("gap", true) }
        members.add(
            "position",
            position.map { position in
                .object(
                    LogStream.allCases.compactMap { stream in
                        position[stream].map { .init(stream.rawValue, .string($0)) }
                    })
            })
        return members.all
    }

    private func list(_ lines: [LogLine]) -> JSON {
        .array(lines.map { hasTimes ? ["time": $0.timeOrNull, "line": .string($0.text)] : .string($0.text) })
    }
}

extension LogLine {
    /// A line as a record that names its stream.
    package func record(hasTime: Bool) -> JSON {
        hasTime
            ? ["time": timeOrNull, "stream": .string(stream.rawValue), "line": .string(text)]
            : ["stream": .string(stream.rawValue), "line": .string(text)]
    }

    fileprivate var timeOrNull: JSON { time.map { .number($0) } ?? .null }

    /// Maximum number of bytes of a line's JSON in addition to its text.
    package static func frame(hasTime: Bool, hasStream: Bool) -> Int {
        guard hasTime || hasStream else { return 0 }
        return (hasTime ? 34 : 9) + (hasStream ? 18 : 0)
    }
}
