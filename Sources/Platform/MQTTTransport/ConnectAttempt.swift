import LinuxSystem

/// One attempt to reach the broker, off the loop: looking up a name and connecting may block for minutes.
///
/// It has the client to itself until the loop hears that it has finished.
final class ConnectAttempt {
    private var failure: String?

    /// Starts the attempt; `completion` gets nil, or why it failed.
    init(
        _ client: MosquittoClient, to address: BrokerAddress, keepAlive: Int, on loop: EventLoop,
        completion: @escaping (String?) -> Void
    ) throws(SystemError) {
        try BackgroundWork.start(on: loop) {
            self.failure = client.connect(to: address.endpoint, keepAlive: keepAlive)
        } completion: {
            completion(self.failure)
        }
    }
}
