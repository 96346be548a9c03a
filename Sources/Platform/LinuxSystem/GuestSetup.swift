import CLinux
import Glibc

/// What the first programs of a machine do for it, which elsewhere an init system has done.
package enum GuestSetup {
    /// Mounts a file system that the kernel makes; the directory is made where it is missing.
    ///
    /// - Parameter options: the file system's own, as "size=50%".
    package static func mount(_ type: String, on path: String, options: String = "") throws(SystemError) {
        try FileSystem.makeDirectories(path)
        try System.call("mount \(path)") { Glibc.mount(type, path, type, UInt(MS_NOSUID), options) }
    }

    /// Adds a module to the kernel; one that is there already is fine.
    package static func loadModule(_ path: String) throws(SystemError) {
        let file = try Descriptor.open(path, O_RDONLY)
        try System.call("load \(path)") { pm_load_module(file.number) }
    }

    /// Turns a network interface on, with an IPv4 address when there is one.
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

    /// How fast the processor's time stamp counter counts, in kHz; nil where there is none. Takes 20 ms.
    package static var counterFrequency: UInt32? {
        let frequency = pm_counter_khz()
        return frequency == 0 ? nil : frequency
    }
}

extension Descriptor {
    /// Has the kernel's random numbers, which this is (`/dev/urandom`), begin anew, with at most 64 bytes that nobody else has.
    package func addEntropy(_ bytes: [UInt8]) throws(SystemError) {
        try System.call("feed the random numbers") { pm_add_entropy(number, bytes, UInt32(bytes.count)) }
    }

    /// Makes a terminal's line carry bytes as they are.
    package func makeRaw() throws(SystemError) {
        var settings = termios()
        try System.call("look at a terminal") { tcgetattr(number, &settings) }
        cfmakeraw(&settings)
        try System.call("set a terminal") { tcsetattr(number, TCSANOW, &settings) }
    }
}
