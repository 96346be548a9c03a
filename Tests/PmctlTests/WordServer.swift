import Glibc
import TestSupport

/// A server at 127.0.0.1 that waits for the first bytes of each connection, answers with a fixed text and closes.
final class WordServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init(_ text: String) throws {
        port = try Broker.freePort()
        listener = try TCPSocket.listen(at: port, backlog: 8)
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
