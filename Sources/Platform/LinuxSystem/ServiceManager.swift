/// The service manager that has started this program, or its keeper, and waits until it is ready (sd_notify(3)).
package enum ServiceManager {
    /// Reports that this program is ready. Does nothing unless the service manager waits for that (`Type=notify`).
    package static func reportReady() throws(SystemError) {
        guard let path = Environment.value("NOTIFY_SOCKET"), path.hasPrefix("/") else { return }
        try Descriptor.send("READY=1", toDatagramSocket: path)
    }
}
