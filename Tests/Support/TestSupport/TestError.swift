import Glibc

/// Why a test could not continue.
package struct TestError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// An error with the description of an errno.
    package static func system(_ what: String, _ code: Int32 = errno) -> TestError {
        TestError("\(what): \(String(cString: strerror(code)))")
    }
}
