import Model

/// Those who see what a process writes while it is written.
final class OutputSubscribers {
    private var followers: [LogStream: Follower] = [:]
    /// Of both streams, in the order in which they come.
    private var records: (follower: Follower, streams: Set<LogStream>)?
    /// Who looks for the line that shows it is up.
    var matcher: OutputMatcher?

    func see(_ bytes: ArraySlice<UInt8>, on stream: LogStream) {
        followers[stream]?.see(bytes, on: stream)
        if let records, records.streams.contains(stream) { records.follower.see(bytes, on: stream) }
        matcher?.see(bytes, on: stream)
    }

    /// A run is over: what is left of a last line is shown.
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

    /// - Returns: whether there is a follower of records, which has some more streams to follow now.
    func renewRecords(of streams: [LogStream], seconds: Double) -> Bool {
        records?.streams.formUnion(streams)
        records?.follower.renew(seconds: seconds)
        return records != nil
    }

    func setRecords(_ follower: Follower?, of streams: [LogStream] = []) {
        records?.follower.finish()
        records = follower.map { ($0, Set(streams)) }
    }

    /// Ends followers.
    func unfollow(_ streams: [LogStream]) {
        for stream in streams { set(nil, of: stream) }
        records?.streams.subtract(streams)
        if records?.streams.isEmpty == true { setRecords(nil) }
    }
}
