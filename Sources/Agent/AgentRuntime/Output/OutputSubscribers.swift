import LinuxSystem
import Logs
import Model

/// The followers of a process's output, and the matcher for its readiness. They get the bytes as they are written.
final class OutputSubscribers {
    private let loop: EventLoop
    private var followers: [LogStream: Follower] = [:]
    /// The follower that publishes one or both streams as records, in the order of arrival.
    private var records: (follower: Follower, streams: Set<LogStream>)?
    /// Searches for the line that shows readiness.
    private var matcher: OutputMatcher?

    init(loop: EventLoop) { self.loop = loop }

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

    /// Calls `found` once, at the first line of this run with that text.
    func match(_ text: String, found: @escaping () -> Void) { matcher = OutputMatcher(text, found: found) }

    /// Publishes what comes on a stream, until `seconds` have passed without another call.
    ///
    /// - Parameter rate: bytes a second.
    func follow(_ stream: LogStream, seconds: Double, rate: Int, publish: @escaping LogFollower.Publish) {
        if let follower = followers[stream] { return follower.renew(seconds: seconds) }
        let follower = Follower(
            seconds: seconds, rate: rate, loop: loop, publish: publish,
            expired: { [weak self] in self?.set(nil, of: stream) })
        set(follower, of: stream)
    }

    /// As ``follow(_:seconds:rate:publish:)``, but as records. There is one follower of records for both streams.
    func followRecords(
        of streams: [LogStream], seconds: Double, rate: Int, publish: @escaping LogFollower.Publish
    ) {
        guard !renewRecords(of: streams, seconds: seconds) else { return }
        let follower = Follower(
            seconds: seconds, rate: rate, asRecords: true, loop: loop, publish: publish,
            expired: { [weak self] in self?.setRecords(nil) })
        setRecords(follower, of: streams)
    }

    private func set(_ follower: Follower?, of stream: LogStream) {
        followers[stream]?.finish()
        followers[stream] = follower
    }

    /// Adds streams to the follower of records and renews it.
    ///
    /// - Returns: whether there is one.
    private func renewRecords(of streams: [LogStream], seconds: Double) -> Bool {
        records?.streams.formUnion(streams)
        records?.follower.renew(seconds: seconds)
        return records != nil
    }

    private func setRecords(_ follower: Follower?, of streams: [LogStream] = []) {
        records?.follower.finish()
        records = follower.map { ($0, Set(streams)) }
    }

    func unfollow(_ streams: [LogStream]) {
        for stream in streams { set(nil, of: stream) }
        records?.streams.subtract(streams)
        if records?.streams.isEmpty == true { setRecords(nil) }
    }
}
