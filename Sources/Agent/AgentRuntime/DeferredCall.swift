import LinuxSystem

/// A call that the loop makes once after the present one, however often it is asked for until then.
final class DeferredCall {
    private let loop: EventLoop
    private var isDue = false

    init(on loop: EventLoop) { self.loop = loop }

    /// - Parameter body: dropped if a call is due already.
    func request(_ body: @escaping () -> Void) {
        guard !isDue else { return }
        isDue = true
        loop.after(.zero) { [self] in
            isDue = false
            body()
        }
    }
}
