import LinuxSystem
import Model

/// Reads the host's files of which a guest has copies, in a background thread.
final class FileRenewal {
    /// Written only by the reading thread until it has ended.
    private var news: [String: String] = [:]

    /// - Parameter completion: receives the content of files that differ from the guest's copies, by path in the guest.
    ///   Files that can't be read are left out.
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
