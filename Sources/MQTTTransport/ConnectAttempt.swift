import Glibc
import LinuxSystem

/// One attempt to reach the broker, in a thread of its own: looking up a name and connecting may block for minutes.
///
/// The thread has the client to itself until the loop hears that it has finished.
final class ConnectAttempt {
    private let client: MosquittoClient
    private let address: BrokerAddress
    private let keepAlive: Int
    private let finished: Descriptor
    private var failure: String?

    /// Starts the attempt; `completion` gets nil, or why it failed.
    init(
        _ client: MosquittoClient, to address: BrokerAddress, keepAlive: Int, on loop: EventLoop,
        completion: @escaping (String?) -> Void
    ) throws(SystemError) {
        self.client = client
        self.address = address
        self.keepAlive = keepAlive
        finished = try Descriptor.event()
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ConnectAttempt>.fromOpaque(context).takeUnretainedValue().run()
                return nil
            }, context.toOpaque())
        guard error == 0 else {
            context.release()
            throw SystemError("start a thread", errno: error)
        }
        let number = finished.number
        try loop.watch(number, for: .read) { _ in
            loop.unwatch(number)
            pthread_join(thread, nil)
            completion(context.takeRetainedValue().failure)
        }
    }

    private func run() {
        failure = client.connect(to: address.endpoint, keepAlive: keepAlive)
        finished.signal()
    }
}
