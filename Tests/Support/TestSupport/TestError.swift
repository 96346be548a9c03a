import Glibc

/// Why a test could not go on; the text says all of it.
package struct TestError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// The name of the present errno.
    package static func system(_ what: String, _ code: Int32 = errno) -> TestError {
        TestError("\(what): \(String(cString: strerror(code)))")
    }
}
