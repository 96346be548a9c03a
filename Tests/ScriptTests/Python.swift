import Glibc
import TestSupport

/// The Python interpreter that runs the Python examples.
enum Python {
    /// Debian's interpreter: python3-paho-mqtt is installed for no other.
    static let path = "/usr/bin/python3"

    /// The reason why no Python example can be tested, which is printed; nil if there is none.
    static let obstacle = printed(access(path, X_OK) == 0 ? nil : "\(path) is not installed")
    /// The same for examples that use paho-mqtt.
    static let pahoObstacle = obstacle ?? printed(hasPaho ? nil : "python3-paho-mqtt is not installed")

    private static var hasPaho: Bool {
        guard let folder = try? TemporaryFolder(),
            let process = try? ChildProcess([path, "-c", "import paho.mqtt.client"], log: "\(folder.path)/log")
        else { return false }
        return process.wait() == 0
    }

    private static func printed(_ obstacle: String?) -> String? {
        if let obstacle { print("Python examples are not tested: \(obstacle)") }
        return obstacle
    }
}
