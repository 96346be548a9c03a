import Glibc
import TestSupport

/// A server at 127.0.0.1 that waits for the first bytes of each connection, answers with a fixed text and closes.
final class WordServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init(_ text: String) throws {
        port = try Broker.freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, listen(listener, 8) == 0 else { throw TestError.system("listen at \(port)") }
        let bytes = Array(text.utf8)
        let file = listener
        // The thread ends with the listener.
        OldBroker.detach {
            while true {
                let client = accept(file, nil, nil)
                guard client >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 65536)
                _ = read(client, &request, request.count)
                _ = write(client, bytes, bytes.count)
                close(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
