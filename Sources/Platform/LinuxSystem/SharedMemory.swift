import CLinux
import Glibc

/// Files in memory that processes share, and that are sealed when complete.
extension Descriptor {
    /// - Parameter size: bytes, all 0.
    package static func sharedMemory(_ name: String, size: Int = 0) throws(SystemError) -> Descriptor {
        let file = Descriptor(owning: try System.call("make a file in memory") { pm_sealable_memory_file(name) })
        try file.truncate(to: size)
        return file
    }

    /// Makes the file immutable. Fails while a process has it mapped for writing.
    package func seal() throws(SystemError) { try System.call("seal a file in memory") { pm_seal(number) } }

    /// Sends bytes and a descriptor on this socket.
    ///
    /// - Returns: the number of bytes; 0 if there is no room for any.
    package func send(_ bytes: [UInt8], with descriptor: Int32) throws(SystemError) -> Int {
        try System.call("send a descriptor") {
            pm_send_with_descriptor(number, bytes, bytes.count, descriptor)
        }
    }
}
