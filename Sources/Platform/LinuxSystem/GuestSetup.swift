import CLinux
import Glibc

/// Set-up of a guest that an init system does elsewhere.
package enum GuestSetup {
    /// Mounts a virtual file system; makes the directory if it is missing.
    ///
    /// - Parameter options: options of the file system, as "size=50%".
    package static func mount(_ type: String, on path: String, options: String = "") throws(SystemError) {
        try FileSystem.makeDirectories(path)
        try System.call("mount \(path)") { Glibc.mount(type, path, type, UInt(MS_NOSUID), options) }
    }

    /// Loads a kernel module, unless it is loaded already.
    package static func loadModule(_ path: String) throws(SystemError) {
        let file = try Descriptor.open(path, O_RDONLY)
        try System.call("load \(path)") { pm_load_module(file.number) }
    }

    /// Turns on a network interface, with an IPv4 address if one is given.
    package static func raise(
        interface: String, address: String? = nil, mask: String = "255.255.255.0"
    ) throws(SystemError) {
        try System.call("turn \(interface) on") { pm_raise_interface(interface, address, mask) }
    }

    package static func route(by gateway: String) throws(SystemError) {
        try System.call("route by \(gateway)") { pm_route_by_default(gateway) }
    }

    package static func setHostName(_ name: String) { sethostname(name, name.utf8.count) }

    /// - Parameter time: seconds since the epoch.
    package static func setClock(_ time: Double) throws(SystemError) {
        let whole = time.rounded(.down)
        var value = timespec(tv_sec: time_t(whole), tv_nsec: Int((time - whole) * 1e9))
        try System.call("set the clock") { clock_settime(CLOCK_REALTIME, &value) }
    }

    /// The frequency of the processor's time stamp counter in kHz; nil if there is none. Takes 20 ms.
    package static var counterFrequency: UInt32? {
        let frequency = pm_counter_khz()
        return frequency == 0 ? nil : frequency
    }
}

extension Descriptor {
    /// Adds at most 64 secret bytes of entropy to `/dev/urandom`, which this descriptor is, and reseeds it.
    package func addEntropy(_ bytes: [UInt8]) throws(SystemError) {
        try System.call("add entropy") { pm_add_entropy(number, bytes, UInt32(bytes.count)) }
    }

    /// Sets a terminal to raw mode, so that it transmits bytes unchanged.
    package func makeRaw() throws(SystemError) {
        var settings = termios()
        try System.call("look at a terminal") { tcgetattr(number, &settings) }
        cfmakeraw(&settings)
        try System.call("set a terminal") { tcsetattr(number, TCSANOW, &settings) }
    }
}
