import CLinux
import Glibc

/// Signals as events of the loop (signalfd(2)), so that no handler interrupts other code.
package final class SignalSource {
    private let descriptor: Descriptor

    /// Blocks `signals` and calls `handler` for each one that arrives. Also ignores SIGPIPE.
    ///
    /// Equal signals that arrive together are one event (signal(7)).
    package init(_ signals: [Int32], on loop: EventLoop, handler: @escaping (Int32) -> Void) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        let flags = Int32(SFD_CLOEXEC | SFD_NONBLOCK)
        let number = try System.call("create a signalfd") { signalfd(-1, &set, flags) }
        descriptor = Descriptor(owning: number)
        try loop.watch(number, for: .read) { _ in
            var info = signalfd_siginfo()
            let size = MemoryLayout<signalfd_siginfo>.size
            while read(number, &info, size) == size { handler(Int32(bitPattern: info.ssi_signo)) }
        }
    }
}
