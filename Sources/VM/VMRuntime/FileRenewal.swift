import LinuxSystem
import Model

/// Reads the host's files of which a guest has copies, off the loop.
final class FileRenewal {
    /// Written by the thread that reads, until that has ended.
    private var news: [String: String] = [:]

    /// - Parameter completion: gets the texts of files that are others than the guest has, by path in the guest. What can't be read
    ///   stays as it is.
    init(_ guest: GuestBroker, on loop: EventLoop, completion: @escaping ([String: String]) -> Void) throws(SystemError)
    {
        try BackgroundWork.start(on: loop) {
            for (inner, path) in guest.sources {
                guard let bytes = try? FileSystem.read(path, limit: Limits.pemFile) else { continue }
                let text = String(decoding: bytes, as: UTF8.self)
                if text != guest.files[inner] { self.news[inner] = text }
            }
        } completion: {
            completion(self.news)
        }
    }
}
