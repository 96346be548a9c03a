import CLinux
import Glibc

/// Carries addresses from one thread to another, whole and in order. Everything done before a write is visible after
/// its read.
final class WordPipe {
    let readEnd: Descriptor
    private let writeEnd: Descriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        _ = try System.call("create a pipe") { pm_pipe(&ends) }
        readEnd = Descriptor(owning: ends[0])
        writeEnd = Descriptor(owning: ends[1])
        for end in ends { _ = fcntl(end, F_SETFL, 0) }
    }

    /// Makes a thread that reads it end.
    static let end: UInt = 0

    func write(_ word: UInt) {
        var word = word
        while Glibc.write(writeEnd.number, &word, MemoryLayout<UInt>.size) < 0, errno == EINTR {}
    }

    /// - Returns: nil if all write ends are closed, or if the pipe is nonblocking and empty.
    func read() -> UInt? {
        var word: UInt = 0
        while true {
            let count = Glibc.read(readEnd.number, &word, MemoryLayout<UInt>.size)
            if count == MemoryLayout<UInt>.size { return word }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// Starts a thread that reads addresses of ``BlockingCall`` objects from `orders`, performs the calls, and writes
    /// each address to `results` afterwards.
    ///
    /// - Returns: whether a thread could be started.
    static func start(reading orders: WordPipe, writing results: WordPipe) -> Bool {
        let context = Unmanaged.passRetained(Ends(orders: orders, results: results))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 256 << 10)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let ends = Unmanaged<Ends>.fromOpaque(context).takeRetainedValue()
                while let word = ends.orders.read(), let pointer = UnsafeRawPointer(bitPattern: word) {
                    Unmanaged<BlockingCall>.fromOpaque(pointer).takeUnretainedValue().perform()
                    ends.results.write(word)
                }
                return nil
            }, context.toOpaque())
        if error != 0 { context.release() }
        return error == 0
    }

    private final class Ends {
        let orders: WordPipe
        let results: WordPipe

        init(orders: WordPipe, results: WordPipe) {
            self.orders = orders
            self.results = results
        }
    }
}
