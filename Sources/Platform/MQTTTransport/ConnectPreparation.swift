import LinuxSystem

/// Reads a session's credentials and looks up the broker's name, in a thread of its own, because both may block.
///
/// The preparation has exclusive use of the client until its completion is called.
final class ConnectPreparation {
    private var result = MosquittoClient.Preparation.failed("")

    /// Starts the preparation. `completion` is called on the loop.
    init(
        of client: MosquittoClient, on loop: EventLoop,
        completion: @escaping (MosquittoClient.Preparation) -> Void
    ) throws(SystemError) {
        try BackgroundWork.start(on: loop) {
            self.result = client.prepare()
        } completion: {
            completion(self.result)
        }
    }
}
