import JSONCodec
import Model

/// The arguments of `get_log`, `follow_log` and `unfollow_log`.
extension Field {
    /// Nil means both streams.
    func logStream() throws(Failure) -> LogStream? {
        guard let field = self["stream"], field.json.string != "both" else { return nil }
        guard let stream = field.json.string.flatMap(LogStream.init(rawValue:)) else {
            throw field.invalid("stdout, stderr or both")
        }
        return stream
    }

    func logQuery() throws(Failure) -> LogQuery {
        var query = LogQuery(stream: try logStream())
        query.since = try self["since"]?.number("seconds since the epoch", in: 0...Limits.latestTime)
        query.after = try self["after"]?.positions()
        if query.since != nil || query.after != nil { query.lines = Limits.mostLogLines }
        query.lines = try self["lines"]?.whole(in: 1...Limits.mostLogLines) ?? query.lines
        query.hasTimes = try self["timestamps"]?.bool() ?? false
        query.isMerged = try self["merge"]?.bool() ?? false
        query.hasPosition = try self["position"]?.bool() ?? (query.after != nil)
        return query
    }

    func logFollowing() throws(Failure) -> LogFollowing {
        var following = LogFollowing(stream: try logStream())
        following.seconds =
            try self["seconds"]?.number("a number of seconds", in: 1...Limits.longestFollow) ?? following.seconds
        let query = try logQuery()
        following.asRecords = query.hasTimes || query.isMerged
        if self["since"] != nil || self["lines"] != nil || self["after"] != nil || query.hasPosition {
            following.history = query
            following.history?.hasPosition = true
        }
        return following
    }

    /// `{"stdout":…,"stderr":…}`, from the `position` of an earlier answer.
    private func positions() throws(Failure) -> [LogStream: String] {
        guard let members = json.members else { throw invalid("an object, as `position` of an answer") }
        var positions: [LogStream: String] = [:]
        for member in members {
            guard let stream = LogStream(rawValue: member.key), let text = member.value.string else {
                throw invalid("an object with strings as stdout and stderr")
            }
            positions[stream] = text
        }
        return positions
    }
}
