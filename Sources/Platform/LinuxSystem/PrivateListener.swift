import Glibc

/// A listening socket in a new directory that only this user can enter.
package struct PrivateListener: ~Copyable {
    package let socket: Descriptor
    package let path: String

    package init() throws(SystemError) {
        let parent = Environment.value("TMPDIR").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        var template = Array("\(parent)/pmqtt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make a directory in \(parent)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + Self.name
        let socket = try Self.listen(at: path)
        self.socket = socket
        self.path = path
    }

    private static let name = "/s"

    private static func listen(at path: String) throws(SystemError) -> Descriptor {
        do throws(SystemError) { return try Descriptor.listen(atSocket: path) } catch {
            remove(path)
            throw error
        }
    }

    /// Removes the path and its directory. The socket keeps its connections.
    package static func remove(_ path: String) {
        unlink(path)
        rmdir(String(path.dropLast(name.count)))
    }
}
