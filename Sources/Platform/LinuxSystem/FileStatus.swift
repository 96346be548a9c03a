import CLinux
import Glibc

/// Identifies a file by device and inode, whatever its name.
package struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ identity: pm_file_identity) {
        device = identity.device
        inode = identity.inode
    }

    var value: pm_file_identity { pm_file_identity(device: device, inode: inode) }
}

/// What was found at a path.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Equatable, Sendable { case directory, file, link, other }

    package let kind: Kind
    package let identity: FileIdentity
    /// The path without symbolic links.
    package let path: String
    /// Whether the account that looked may execute it.
    package let isExecutable: Bool
    /// Whether only root can replace the file at ``path``.
    package let isSettled: Bool

    init(_ sight: inout pm_sight) {
        kind =
            switch mode_t(sight.mode) & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .other
            }
        identity = FileIdentity(sight.identity)
        isExecutable = sight.may_execute != 0
        isSettled = sight.is_settled != 0
        path = withUnsafeBytes(of: &sight.path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// A query about a path. The answer may take for ever, unless the whole path is on the root file system.
package enum FileQuery: Hashable, Sendable {
    case look(String)
    /// Reads at most `limit` bytes from the beginning of a file, which must have this identity if one is given.
    case read(String, FileIdentity?, limit: Int)

    package var path: String {
        switch self {
        case .look(let path), .read(let path, _, _): path
        }
    }

    /// Answers the query if that can't block.
    ///
    /// - Returns: nil if it could block.
    package func answerAtOnce() -> FileAnswer? {
        let answer = answer(UInt32(PM_LOOK_CLOSELY | PM_LOOK_ON_ROOT), nil, nil)
        return answer == .error(EXDEV) ? nil : answer
    }

    /// Whether the existing part of a path is on the root file system.
    package static func isOnRoot(_ path: String) -> Bool {
        var sight = pm_sight()
        return pm_look(path, UInt32(PM_LOOK_ON_ROOT), nil, &sight, nil) == 0 && sight.error != EXDEV
    }

    /// Answers the query by a child. The calling thread waits until the child ends or is killed.
    ///
    /// - Parameter account: looks with its rights; nil: with those of this program. Files are read with the latter.
    package func answer(by child: SpawnProgress, as account: Account? = nil) -> FileAnswer {
        answer(UInt32(PM_LOOK_CLOSELY), account, child.pidfd)
    }

    private func answer(_ how: UInt32, _ account: Account?, _ pidfd: UnsafeMutablePointer<Int32>?) -> FileAnswer {
        switch self {
        case .look(let path):
            var sight = pm_sight()
            let result = account.withCValue { pm_look(path, how, $0, &sight, pidfd) }
            guard result == 0 else { return .unanswered }
            return sight.error == 0 ? .sight(FileStatus(&sight)) : .error(sight.error)
        case .read(let path, let identity, let limit):
            var bytes = [UInt8](repeating: 0, count: limit)
            var count = 0
            let answer = bytes.withUnsafeMutableBufferPointer { buffer -> FileAnswer? in
                var reading = pm_reading()
                if let identity { reading.identity = identity.value }
                reading.bytes = buffer.baseAddress
                reading.size = limit
                guard pm_read_at(path, how, &reading, pidfd) == 0 else { return .unanswered }
                count = reading.count
                return reading.error == 0 ? nil : .error(reading.error)
            }
            return answer ?? .bytes(Array(bytes[..<count]))
        }
    }
}

package enum FileAnswer: Equatable, Sendable {
    case sight(FileStatus)
    case bytes([UInt8])
    /// An errno.
    case error(Int32)
    /// No answer: the child could not be started, or was killed.
    case unanswered
}

extension Account? {
    /// Passes NULL for nil. The pointer is valid during the call.
    fileprivate func withCValue(_ body: (UnsafePointer<pm_account>?) -> Int32) -> Int32 {
        guard let self else { return body(nil) }
        return self.groups.withUnsafeBufferPointer { groups in
            var value = pm_account(
                user: self.user, group: self.group, groups: groups.baseAddress, group_count: UInt32(groups.count))
            return body(&value)
        }
    }
}
