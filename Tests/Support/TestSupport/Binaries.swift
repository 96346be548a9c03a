import Glibc

/// Finds the built products under test: in `PM_BIN_DIR`, else next to the test bundle (`.build/<configuration>`).
package enum Binaries {
    package static var agent: String { get throws { try find("pm-agent") } }
    package static var testChild: String { get throws { try find("test-child") } }
    package static var pmctl: String { get throws { try find("pmctl") } }
    package static var hubPlugin: String { get throws { try find("libpm_hub.so") } }

    package static func find(_ product: String) throws -> String {
        let folder = try directory
        let path = "\(folder)/\(product)"
        guard access(path, R_OK) == 0 else {
            throw TestError("\(product) is not in \(folder): run `swift build`, or set PM_BIN_DIR to where it is")
        }
        return path
    }

    private static var directory: String {
        get throws {
            if let folder = getenv("PM_BIN_DIR") { return String(cString: folder) }
            guard let path = realpath("/proc/self/exe", nil) else { throw TestError.system("/proc/self/exe") }
            defer { free(path) }
            return String(cString: dirname(path))
        }
    }
}
