import Logs
import Model

/// Searches the lines of both streams for a text, until it is found.
final class OutputMatcher {
    private var matchers: [LogStream: LineMatcher]
    private var found: (() -> Void)?

    init(_ text: String, found: @escaping () -> Void) {
        matchers = [.stdout: LineMatcher(text), .stderr: LineMatcher(text)]
        self.found = found
    }

    func see(_ bytes: ArraySlice<UInt8>, on stream: LogStream) {
        guard let found, matchers[stream]?.finds(in: bytes) == true else { return }
        self.found = nil
        found()
    }
}
