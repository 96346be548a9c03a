import CLinux
import Glibc

extension Descriptor {
    /// An eventfd(2): wakes a loop from another thread.
    package static func event() throws(SystemError) -> Descriptor {
        let number = try System.call("create an eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
        return Descriptor(owning: number)
    }

    package borrowing func signal() {
        eventfd_write(number, 1)
    }
}
