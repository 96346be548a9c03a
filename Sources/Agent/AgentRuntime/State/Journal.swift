import Glibc
import JSONCodec
import LinuxSystem
import Model

/// What has happened to processes, a line each, as it happens: what the next worker, or the next agent, goes on from.
///
/// It is written twice. The copy in memory belongs to the keeper and outlives a worker even when the disk is full; the file
/// outlives both. Neither is forced to the disk: a power cut ends the processes as well.
final class Journal {
    private let path: String
    private let bootID: String
    private let link: KeeperLink
    private var memory: Descriptor?
    private var file: Descriptor?
    /// Bytes since all was written anew, and then.
    private var appended = 0
    private var rewritten = 0

    /// Why the file can't be written, when it can't.
    private(set) var failure: SystemError?

    init(path: String, bootID: String, link: KeeperLink) {
        self.path = path
        self.bootID = bootID
        self.link = link
    }

    /// Whether it is time to write all anew: mostly history, or a file that failed.
    var isDue: Bool { appended > max(Limits.journalSlack, 3 * rewritten) }

    /// Which of the two a line is for.
    enum Copy { case memory, file, both }

    func append(_ members: [JSON.Member], to copy: Copy) {
        let line = JSON.object(members).printed() + [UInt8(ascii: "\n")]
        appended += line.count
        if copy != .file { try? memory?.write(line) }
        guard copy != .memory else { return }
        do { try file?.write(line) } catch { fail(error) }
    }

    /// Writes all anew, without the history.
    func rewrite(_ lines: [[JSON.Member]]) {
        var bytes: [UInt8] = []
        for members in [[.init("boot", .string(bootID))]] + lines {
            bytes += JSON.object(members).printed()
            bytes.append(UInt8(ascii: "\n"))
        }
        rewritten = bytes.count
        appended = 0
        rewriteMemory(bytes)
        do throws(SystemError) {
            try FileSystem.replace(path, with: bytes, isDurable: false)
            file = try Descriptor.open(path, O_WRONLY | O_APPEND)
            failure = nil
            FileSystem.remove(Self.stalePath(of: path))
        } catch {
            fail(error)
        }
    }

    private func rewriteMemory(_ bytes: [UInt8]) {
        guard let new = try? Descriptor.memory("pm-journal"), (try? new.write(bytes)) != nil else { return }
        link.keep(new)
        memory = consume new
    }

    /// A file that lacks a line is called so: who reads it must know. It is taken up again when all is written anew.
    private func fail(_ error: SystemError) {
        failure = error
        file = nil
        try? FileSystem.rename(path, to: Self.stalePath(of: path))
    }

    static func stalePath(of path: String) -> String { "\(path).stale" }

    func remove() {
        FileSystem.remove(path)
        FileSystem.remove(Self.stalePath(of: path))
    }

    /// Where a damaged one is put, for somebody to look at.
    var damagedPath: String { "\(path).damaged" }

    /// Has a damaged one written over by nobody. It stays where it is, too, until there is another.
    func setAside() {
        FileSystem.remove(damagedPath)
        // No directory can have two names, and none can be written over.
        if FileSystem.kind(of: path) == .directory { try? FileSystem.rename(path, to: damagedPath) }
        for source in [path, Self.stalePath(of: path)] { FileSystem.link(source, to: damagedPath) }
    }
}
