import Model

/// Those who see what a process writes while it is written.
final class Onlookers {
    private var followers: [LogStream: Follower] = [:]
    /// Who looks for the line that shows it is up.
    var matcher: OutputMatcher?

    func see(_ bytes: ArraySlice<UInt8>, on stream: LogStream) {
        followers[stream]?.see(bytes)
        matcher?.see(bytes, on: stream)
    }

    /// A run is over: what is left of a last line is shown.
    func ended() {
        for follower in followers.values { follower.finish() }
        matcher = nil
    }

    func follower(of stream: LogStream) -> Follower? { followers[stream] }

    func set(_ follower: Follower?, of stream: LogStream) {
        followers[stream]?.finish()
        followers[stream] = follower
    }
}
