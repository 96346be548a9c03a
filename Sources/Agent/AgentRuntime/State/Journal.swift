import var Glibc.O_APPEND
import var Glibc.O_WRONLY
import JSONCodec
import LinuxSystem
import Model

/// The journal of process events, one JSON object per line. From it the next worker or agent adopts the processes.
///
/// It has two copies. The one in memory (memfd_create(2)) is held by the keeper and outlives the worker, even when the
/// disk is full; the file outlives the keeper too. The file is not synced: a power cut ends the processes as well. Each
/// line has the changed members of one process; a rewrite replaces the history by one line per process.
/// ``read(inherited:path:bootID:)`` merges the lines. Only ``AgentStateStore`` writes it.
final class Journal {
    private let path: String
    private let bootID: String
    private let link: KeeperLink
    private var memory: Descriptor?
    private var file: Descriptor?
    /// Bytes appended since the last rewrite, and bytes of that rewrite.
    private var appended = 0
    private var rewritten = 0

    /// Why the last write to the file failed; nil if it succeeded.
    private(set) var failure: SystemError?

    init(path: String, bootID: String, link: KeeperLink) {
        self.path = path
        self.bootID = bootID
        self.link = link
    }

    /// Whether a rewrite is due, because most of the journal is history.
    var isDue: Bool { appended > max(Limits.journalSlack, 3 * rewritten) }

    /// The copies that a line is appended to.
    enum Copy { case memory, file, both }

    func append(_ members: [JSON.Member], to copy: Copy) {
        let line = JSON.object(members).printed() + [UInt8(ascii: "\n")]
        appended += line.count
        if copy != .file { try? memory?.write(line) }
        guard copy != .memory else { return }
        do { try file?.write(line) } catch { fail(error) }
    }

    /// Replaces both copies by these lines.
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

    /// Renames a file that lacks a line to `….stale`, so that its reader knows. The next rewrite creates a new file.
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

    /// The path where a damaged journal is kept for an operator.
    var damagedPath: String { "\(path).damaged" }

    /// Keeps a damaged journal under ``damagedPath``, by a hard link, so that the next rewrite does not lose it.
    func setAside() {
        FileSystem.remove(damagedPath)
        // A directory at the journal's path can't be linked or replaced: rename it.
        if FileSystem.kind(of: path) == .directory { try? FileSystem.rename(path, to: damagedPath) }
        for source in [path, Self.stalePath(of: path)] { FileSystem.link(source, to: damagedPath) }
        noteBootOfDamage()
    }

    /// Whether a damaged journal of this boot is there. In a later boot the processes that it has lost are gone.
    func hasDamage() -> Bool {
        guard FileSystem.kind(of: damagedPath) != nil else { return false }
        if let boot = FileSystem.firstLine(of: bootOfDamagePath) { return boot == bootID }
        noteBootOfDamage()
        return true
    }

    private var bootOfDamagePath: String { "\(damagedPath).boot" }

    private func noteBootOfDamage() {
        try? FileSystem.replace(bootOfDamagePath, with: Array(bootID.utf8), isDurable: false)
    }
}
