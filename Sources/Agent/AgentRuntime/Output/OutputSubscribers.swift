import Model

/// The followers of a process's output, and the matcher for its readiness. They get the bytes as they are written.
final class OutputSubscribers {
    private var followers: [LogStream: Follower] = [:]
    /// The follower that publishes one or both streams as records, in the order of arrival.
    private var records: (follower: Follower, streams: Set<LogStream>)?
    /// Searches for the line that shows readiness.
    var matcher: OutputMatcher?

    func see(_ bytes: ArraySlice<UInt8>, on stream: LogStream) {
        followers[stream]?.see(bytes, on: stream)
        if let records, records.streams.contains(stream) { records.follower.see(bytes, on: stream) }
        matcher?.see(bytes, on: stream)
    }

    /// To be called at the end of a run: publishes a last line without an end.
    func ended() {
        for follower in followers.values { follower.finish() }
        records?.follower.finish()
        matcher = nil
    }

    func follower(of stream: LogStream) -> Follower? { followers[stream] }

    func set(_ follower: Follower?, of stream: LogStream) {
        followers[stream]?.finish()
        followers[stream] = follower
    }

    /// Adds streams to the follower of records and renews it.
    ///
    /// - Returns: whether there is one.
    func renewRecords(of streams: [LogStream], seconds: Double) -> Bool {
        records?.streams.formUnion(streams)
        records?.follower.renew(seconds: seconds)
        return records != nil
    }

    func setRecords(_ follower: Follower?, of streams: [LogStream] = []) {
        records?.follower.finish()
        records = follower.map { ($0, Set(streams)) }
    }

    func unfollow(_ streams: [LogStream]) {
        for stream in streams { set(nil, of: stream) }
        records?.streams.subtract(streams)
        if records?.streams.isEmpty == true { setRecords(nil) }
    }
}
