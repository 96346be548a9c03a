import LinuxSystem

/// One attempt to connect to the broker, in a thread of its own, because name lookup and connect may block for minutes.
///
/// The attempt has exclusive use of the client until its completion is called.
final class ConnectAttempt {
    private var failure: String?

    /// Starts the attempt. `completion` is called on the loop, with nil or with the reason of the failure.
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
