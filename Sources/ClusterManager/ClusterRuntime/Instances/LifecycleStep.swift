import JSONCodec
import LinuxSystem
import MQTTTransport
import Model
import Wire

/// What the lifecycle of an instance waits for: at most one answer of its host or its agent, and at most one deadline.
/// A new one replaces the previous one.
final class LifecycleStep {
    private var request: String?
    private var deadline: TimerID?

    /// - Parameter host: nil if none can be asked now; the previous request is cancelled all the same.
    func ask(
        _ method: Method, _ arguments: JSON, of host: HostName?, by requests: AgentRequests,
        _ completion: @escaping AgentRequests.Completion
    ) {
        requests.cancel(request)
        request = host.map { requests.send(method, arguments, to: $0, completion) }
    }

    /// Sends the last request again, which may be lost.
    func askAgain(by requests: AgentRequests) {
        if let request { requests.sendAgain(request) }
    }

    func await(_ seconds: Double, on loop: EventLoop, _ passed: @escaping () -> Void) {
        cancelDeadline(on: loop)
        deadline = loop.after(.seconds(seconds), passed)
    }

    func cancelDeadline(on loop: EventLoop) {
        loop.cancel(deadline)
        deadline = nil
    }

    func end(_ requests: AgentRequests, _ loop: EventLoop) {
        requests.cancel(request)
        cancelDeadline(on: loop)
    }
}
