import Glibc
import TestSupport

/// Both ends of the socket between a keeper and newborns. It decodes packets itself, independent of the code under
/// test.
final class KeeperSocket {
    struct Message {
        let kind: UInt32
        let pid: Int32
        let launch: UInt64
        let status: Int32
        let descriptors: [Int32]
    }

    private(set) var near: Int32
    let far: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw TestError("no socket pair: errno \(errno)") }
        (near, far) = (ends[0], ends[1])
    }

    deinit {
        closeNear()
        close(far)
    }

    func closeNear() {
        if near >= 0 { close(near) }
        near = -1
    }

    /// Sends a message of a keeper.
    ///
    /// - Parameters:
    ///   - version: the oldest version that understands the keeper.
    ///   - descriptor: is sent with the message; -1: none.
    func send(kind: UInt32, status: UInt32 = 0, version: UInt32 = 1, descriptor: Int32 = -1) {
        // Kind, pid, launch in two words, status, version.
        var message: [UInt32] = [kind, 0, 0, 0, status, version]
        // One control message: length in 8 bytes, level and type (SCM_RIGHTS) in 4 bytes each, and the descriptor.
        var control: [UInt32] = [20, 0, UInt32(SOL_SOCKET), 1, UInt32(bitPattern: descriptor), 0]
        message.withUnsafeMutableBytes { body in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: body.baseAddress, iov_len: body.count)
                withUnsafeMutablePointer(to: &part) { part in
                    var packet = msghdr()
                    packet.msg_iov = part
                    packet.msg_iovlen = 1
                    packet.msg_control = descriptor < 0 ? nil : control.baseAddress
                    packet.msg_controllen = descriptor < 0 ? 0 : control.count
                    _ = sendmsg(near, &packet, 0)
                }
            }
        }
    }

    /// The next message that has arrived; nil if there is none, or if it is no message.
    func receive() -> Message? {
        var bytes = [UInt8](repeating: 0, count: 64)
        var control = [UInt](repeating: 0, count: 16)
        let (length, controlLength) = bytes.withUnsafeMutableBytes { body in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: body.baseAddress, iov_len: body.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var packet = msghdr()
                    packet.msg_iov = part
                    packet.msg_iovlen = 1
                    packet.msg_control = control.baseAddress
                    packet.msg_controllen = control.count
                    return (recvmsg(near, &packet, Int32(MSG_DONTWAIT)), packet.msg_controllen)
                }
            }
        }
        guard length == 24 else { return nil }
        let descriptors = control.withUnsafeBytes { control -> [Int32] in
            // Each control message has a length of 8 bytes, level and type of 4 bytes each, and the descriptors.
            guard controlLength >= 16 else { return [] }
            let end = control.load(as: Int.self)
            return stride(from: 16, to: end, by: 4).map { control.load(fromByteOffset: $0, as: Int32.self) }
        }
        return bytes.withUnsafeBytes { bytes in
            Message(
                kind: bytes.load(as: UInt32.self), pid: bytes.load(fromByteOffset: 4, as: Int32.self),
                launch: bytes.load(fromByteOffset: 8, as: UInt64.self),
                status: bytes.load(fromByteOffset: 16, as: Int32.self), descriptors: descriptors)
        }
    }
}
