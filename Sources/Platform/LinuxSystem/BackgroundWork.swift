import Glibc

/// Work that may block for any time, in a thread of its own. The loop is told when it is done.
package final class BackgroundWork {
    private let work: () -> Void
    private let finished: Descriptor

    /// Starts `work`. It has exclusive use of what it captures until `completion` is called on the loop.
    package static func start(
        on loop: EventLoop, _ work: @escaping () -> Void, completion: @escaping () -> Void
    ) throws(SystemError) {
        let context = Unmanaged.passRetained(BackgroundWork(work, try Descriptor.event()))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let this = Unmanaged<BackgroundWork>.fromOpaque(context).takeUnretainedValue()
                this.work()
                this.finished.signal()
                return nil
            }, context.toOpaque())
        let number = context.takeUnretainedValue().finished.number
        guard error == 0 else {
            context.release()
            throw SystemError("start a thread", errno: error)
        }
        try loop.watch(number, for: .read) { _ in
            loop.unwatch(number)
            pthread_join(thread, nil)
            context.release()
            completion()
        }
    }

    private init(_ work: @escaping () -> Void, _ finished: consuming Descriptor) {
        self.work = work
        self.finished = finished
    }
}
