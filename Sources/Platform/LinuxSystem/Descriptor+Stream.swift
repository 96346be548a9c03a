import Glibc

/// Bytes that arrive and leave on pipes, sockets and terminals. Only a descriptor that blocks makes its caller wait.
extension Descriptor {
    /// Reads what has arrived, at most as many bytes as fit into `buffer`.
    ///
    /// - Parameter source: what the descriptor is, for the error.
    /// - Returns: the number of bytes; 0 at the end, when there is no writer any more; nil if nothing has arrived yet.
    package func take(into buffer: inout [UInt8], from source: String = "a pipe") throws(SystemError) -> Int? {
        try orEmpty { () throws(SystemError) in
            try System.call("read \(source)") { Glibc.read(number, &buffer, buffer.count) }
        }
    }

    package func take(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try orEmpty { () throws(SystemError) in
            try System.call("read a pipe") { Glibc.read(number, buffer.baseAddress, buffer.count) }
        }
    }

    /// Reads what has arrived on a connection, at most `limit` bytes.
    ///
    /// - Returns: empty if nothing has arrived yet; nil at the end of the connection, or if it is broken.
    package func receive(limit: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        do throws(SystemError) {
            guard let count = try take(into: &bytes, from: "a connection") else { return [] }
            return count > 0 ? Array(bytes.prefix(count)) : nil
        } catch {
            return nil
        }
    }

    /// What has arrived on a socket, at most `limit` bytes. It stays there, to be read again. Never waits.
    ///
    /// - Returns: empty also at the end of the connection, or if it is broken.
    package func peek(limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(number, &bytes, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        return Array(bytes.prefix(max(0, count)))
    }

    /// Waits until bytes have arrived or their writer has closed the connection, or until `other` has ended.
    ///
    /// - Parameter purpose: what is waited for, for the error.
    package func awaitBytes(of purpose: String, orEndOf other: Int32) throws(SystemError) {
        // Without events, only the end is reported.
        var ready = [
            pollfd(fd: number, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: 0, revents: 0),
        ]
        try System.call("wait for \(purpose)") { poll(&ready, 2, -1) }
    }

    /// Sends on a socket as many bytes as there is room for. If the other end is closed, that is an error, and no
    /// SIGPIPE.
    ///
    /// - Returns: the number of bytes; 0 if there is no room for any.
    package func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try orEmpty { () throws(SystemError) in
            try System.call("send") {
                bytes.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
        } ?? 0
    }

    /// Writes to a pipe or a file as many bytes as there is room for.
    ///
    /// - Returns: the number of bytes; 0 if there is no room for any.
    package func writeSome(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try orEmpty { () throws(SystemError) in
            try System.call("write") { bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) } }
        } ?? 0
    }

    /// Writes all bytes at the descriptor's position.
    package func write(_ bytes: [UInt8]) throws(SystemError) { try FileSystem.write(bytes, to: number) }

    /// Makes nil of the error that there is nothing to read, or no room to write, without waiting.
    func orEmpty(_ call: () throws(SystemError) -> Int) throws(SystemError) -> Int? {
        do { return try call() } catch {
            if error.number == EAGAIN { return nil }
            throw error
        }
    }
}
